// Puts script and style into the template, and the whole into a C++ source: node embed.mjs OUT.cpp
import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const style = readFileSync("dist/page.css", "utf8").replaceAll("</style", "<\\/style");
const script = readFileSync("dist/page.js", "utf8").replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
const page = readFileSync("template.html", "utf8")
  .replace("/*style*/", () => style)
  .replace("/*script*/", () => script);
if (page.split('"squall-data-goes-here"').length !== 2) {
  throw new Error("the page must have one place for the data");
}
const bytes = Buffer.from(page, "utf8");
const lines = [];
for (let at = 0; at < bytes.length; at += 64) {
  lines.push([...bytes.subarray(at, at + 64)].join(","));
}
writeFileSync(
  process.argv[2],
  `// Made by cli/report-web/embed.mjs.
#include "report_page.h"

namespace squall::cli {

namespace {

constexpr unsigned char page[] = {
${lines.join(",\n")}};

}  // namespace

std::string_view report_template() {
    return {reinterpret_cast<const char*>(page), sizeof page};
}

}  // namespace squall::cli
`,
);
console.log(`squall: the report's page has ${Math.ceil(bytes.length / 1000)} kB (${Math.ceil(gzipSync(bytes).length / 1000)} kB by gzip)`);
