"""same_sites.py SQUALL TREE OBJECT...: fails unless the objects together have the sites of the output tree."""

import json
import subprocess
import sys

squall, tree, *objects = sys.argv[1:]


def sites(target):
    listed = json.loads(subprocess.run([squall, "sites", "--json", target], check=True, stdout=subprocess.PIPE).stdout)
    return {(each["id"], each["rule"], each["file"], each["line"], each["function"], each["detail"]) for each in listed["sites"]}


whole = sites(tree)
apart = set().union(*map(sites, objects))
if not whole or whole != apart:
    print("only in the tree:", *sorted(whole - apart), "only in objects:", *sorted(apart - whole), sep="\n  ")
    sys.exit(1)
print(len(whole), "sites")
