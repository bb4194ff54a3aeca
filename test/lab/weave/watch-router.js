/**
 * Runs in a host's network, outside the host: `node watch-router.js NAMESPACE_FILE`. Prints a line for each look at the
 * router's status: "<ms> down", or "<ms> up <established> <ipam>". Ends when the host has another network (a reboot).
 */
const fs = require("fs");
const http = require("http");

const [file] = process.argv.slice(2);
const EVERY_MS = 100;

const inode = (path) => {
  try {
    return fs.statSync(path).ino;
  } catch {
    return -1;
  }
};
const mine = inode("/proc/self/ns/net");

function get(path) {
  return new Promise((resolve) => {
    const request = http.get({ host: "127.0.0.1", port: 6784, path, timeout: 3000 }, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve(text));
      response.on("error", () => resolve(undefined));
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(undefined));
  });
}

async function look() {
  const at = Date.now();
  const text = await get("/status/connections");
  if (text === undefined) console.log(`${at} down`);
  else console.log(`${at} up ${(text.match(/ established /g) ?? []).length}`);
}

(async () => {
  while (inode(file) === mine) {
    await look();
    await new Promise((done) => setTimeout(done, EVERY_MS));
  }
})();
