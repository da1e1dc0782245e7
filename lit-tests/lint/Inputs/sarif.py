"""sarif.py FILE: checks what SARIF 2.1.0 demands of the objects that we write, and what of a.cpp is to be in them."""

import json
import re
import sys

with open(sys.argv[1]) as file:
    log = json.load(file)


def has(thing, required, optional=()):
    """An object has all of the first properties and, as the schema allows no others, nothing but the second."""
    assert isinstance(thing, dict), thing
    assert set(required) <= set(thing), (required, thing)
    assert set(thing) <= set(required) | set(optional), (thing, required, optional)
    return thing


def text(message):
    assert has(message, ["text"])["text"]


def location(artifact):
    uri = has(artifact, ["uri", "uriBaseId"])["uri"]
    assert re.fullmatch(r"[A-Za-z0-9\-._~/+,=@()!$&'*;%]+", uri) and not uri.startswith("/"), uri
    assert artifact["uriBaseId"] in run["originalUriBaseIds"]


def region(area):
    has(area, ["startLine", "startColumn", "endLine", "endColumn"])
    assert all(isinstance(value, int) and value >= 1 for value in area.values()), area
    assert (area["startLine"], area["startColumn"]) <= (area["endLine"], area["endColumn"])
    return area


has(log, ["version", "runs"], ["$schema"])
assert log["version"] == "2.1.0" and len(log["runs"]) == 1
run = has(log["runs"][0], ["tool", "results"], ["columnKind", "originalUriBaseIds", "invocations"])
driver = has(has(run["tool"], ["driver"])["driver"], ["name", "semanticVersion", "rules"])
assert re.fullmatch(r"\d+\.\d+\.\d+", driver["semanticVersion"])
assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
for base in run["originalUriBaseIds"].values():
    assert re.fullmatch(r"file:///.*/", has(base, ["uri"])["uri"])
ids = [has(rule, ["id"], ["shortDescription", "help", "defaultConfiguration"])["id"] for rule in driver["rules"]]
assert len(set(ids)) == len(ids)
for rule in driver["rules"]:
    text(rule["shortDescription"])
    text(rule["help"])
    assert has(rule["defaultConfiguration"], ["level"])["level"] in ("none", "note", "warning", "error")
for result in run["results"]:
    has(result, ["message"], ["ruleId", "ruleIndex", "level", "locations", "partialFingerprints", "suppressions", "fixes"])
    text(result["message"])
    assert ids[result["ruleIndex"]] == result["ruleId"]
    for where in result["locations"]:
        physical = has(has(where, ["physicalLocation"])["physicalLocation"], ["artifactLocation", "region"])
        location(physical["artifactLocation"])
        region(physical["region"])
    for suppression in result.get("suppressions", []):
        assert has(suppression, ["kind"])["kind"] in ("inSource", "external")
    for fix in result.get("fixes", []):
        for change in has(fix, ["artifactChanges"])["artifactChanges"]:
            location(has(change, ["artifactLocation", "replacements"])["artifactLocation"])
            for replacement in change["replacements"]:
                region(has(replacement, ["deletedRegion"], ["insertedContent"])["deletedRegion"])
                text(replacement["insertedContent"])
assert len({json.dumps(each["partialFingerprints"]) for each in run["results"]}) == len(run["results"])
(invocation,) = run["invocations"]
has(invocation, ["executionSuccessful"], ["toolExecutionNotifications"])
assert invocation["executionSuccessful"] is False
for note in invocation["toolExecutionNotifications"]:
    text(has(note, ["message"], ["level"])["message"])

found = [
    (each["ruleId"], each["locations"][0]["physicalLocation"]["region"]["startLine"],
     each["locations"][0]["physicalLocation"]["region"]["startColumn"], "suppressions" in each, "fixes" in each)
    for each in run["results"]
]
# The column is in characters: there is a two-byte one before it.
assert found == [
    ("squall-random", 2, 26, False, False),
    ("squall-random", 3, 18, True, False),
    ("squall-uninitialised", 6, 12, False, True),
], found
assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "with%20space/a.cpp"
