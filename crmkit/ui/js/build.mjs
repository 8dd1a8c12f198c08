// Bundles every widget: src/<name>.js and src/<name>.css → ../static/<name>.js and .css.
//
//   npm ci && npm run build      write the bundles (they are committed: users need no Node)
//   npm run check                build in memory and compare with what is committed
//
// What lies in src/lib/ is shared and is no entry of its own.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const SRC = join(HERE, "src");
const OUT = resolve(HERE, "../static");
const LICENCES = "LICENSES.txt";

const isBundle = (name) => /\.(js|css)$/.test(name) || name === LICENCES;

async function bundle() {
  const entries = readdirSync(SRC).filter((name) => /\.(js|css)$/.test(name)).sort();
  const result = await build({
    absWorkingDir: HERE,
    entryPoints: entries.map((name) => join("src", name)),
    outdir: "out",
    write: false,
    bundle: true,
    minify: true,
    format: "esm",
    target: ["es2022", "chrome100", "firefox100", "safari15.4"],
    charset: "utf8",
    legalComments: "none", // the licences stand in LICENSES.txt
    metafile: true,
    logLevel: "warning",
  });
  const files = new Map(result.outputFiles.map((f) => [basename(f.path), f.text]));
  files.set(LICENCES, licences(result.metafile));
  return files;
}

/** Licence texts of the packages whose code is in the bundles. */
function licences(metafile) {
  const packages = new Set();
  for (const path of Object.keys(metafile.inputs)) {
    const match = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path);
    if (match) packages.add(match[1]);
  }
  const parts = [...packages].sort().map((name) => {
    const folder = join(HERE, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const texts = [folder, join(folder, "licenses")]
      .filter(existsSync)
      .flatMap((place) => readdirSync(place).map((file) => join(place, file)).sort())
      .filter((file) => /^(licen[cs]e|notice)[^.]*(\.(txt|md))?$/i.test(basename(file)))
      .filter((file) => statSync(file).isFile())
      .map((file) => readFileSync(file, "utf8").replace(/\r\n/g, "\n").trim());
    return [`${name} ${version} (${license})`, ...texts].join("\n\n");
  });
  const rule = "\n\n" + "=".repeat(80) + "\n\n";
  return ["The bundles in this folder contain code of these packages.", ...parts].join(rule) + "\n";
}

/** Names that differ between the bundles just built and the folder. */
function differences(files, folder) {
  const present = existsSync(folder) ? readdirSync(folder).filter(isBundle) : [];
  const stale = present.filter((name) => !files.has(name)).map((name) => `${name}: no source`);
  const changed = [...files]
    .filter(([name, text]) => !present.includes(name) || readFileSync(join(folder, name), "utf8") !== text)
    .map(([name]) => `${name}: differs from its source`);
  return [...stale, ...changed];
}

const files = await bundle();
if (process.argv.includes("--check")) {
  const wrong = differences(files, OUT);
  if (wrong.length) {
    console.error(["Bundles out of date, run `npm run build`:", ...wrong].join("\n  "));
    process.exit(1);
  }
  console.log(`${files.size} files are what their sources build`);
} else {
  mkdirSync(OUT, { recursive: true });
  for (const name of readdirSync(OUT).filter(isBundle)) {
    if (!files.has(name)) rmSync(join(OUT, name));
  }
  for (const [name, text] of files) {
    writeFileSync(join(OUT, name), text);
    const kilobytes = (Buffer.byteLength(text) / 1000).toFixed(1).padStart(7);
    console.log(`${kilobytes} kB  ${relative(HERE, join(OUT, name))}`);
  }
}
