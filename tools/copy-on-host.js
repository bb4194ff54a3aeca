// Puts the programs that run on hosts beside what tsc has made of their loader, and takes away those that are no more.
const fs = require("fs");
const path = require("path");

const root = path.join(__dirname, "..");
const from = path.join(root, "provider", "on-host");
const to = path.join(root, "dist", "provider", "on-host");

const programsIn = (folder) =>
  fs
    .readdirSync(folder, { recursive: true })
    .filter((name) => /\.(sh|py)$/.test(name))
    .map(String);

const wanted = programsIn(from);
for (const gone of programsIn(to).filter((name) => !wanted.includes(name)))
  fs.rmSync(path.join(to, gone));
for (const name of wanted) {
  fs.mkdirSync(path.dirname(path.join(to, name)), { recursive: true });
  // Moved into place: somebody's test may be reading it.
  const made = path.join(to, `${name}.${process.pid}`);
  fs.copyFileSync(path.join(from, name), made);
  fs.renameSync(made, path.join(to, name));
}
