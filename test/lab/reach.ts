/** Answers "yes" on TCP 7000 and UDP 7001, and writes down who has asked. */
export const SERVER = `
  const said = (by) => console.log("asked by", by.replace("::ffff:", ""));
  require("net").createServer((s) => { said(s.remoteAddress); s.on("error", () => {}); s.end("yes"); }).listen(7000);
  const u = require("dgram").createSocket("udp4");
  u.on("message", (m, { port, address }) => { said(address); u.send("yes", port, address); });
  u.bind(7001);
`;

/**
 * Which ways of tcp, udp and ping lead to each of the hosts that are named, as JSON. The last one is
 * the port for TCP, where another is asked than the server's.
 */
export const PROBE = `
  const [port, ...hosts] = process.argv.slice(1);
  const tcp = (host) => new Promise((done) => {
    const s = require("net").connect({ host, port: Number(port), timeout: 1200 });
    s.on("connect", () => { done(true); s.destroy(); });
    s.on("timeout", () => { done(false); s.destroy(); });
    s.on("error", () => done(false));
  });
  const udp = (host) => new Promise((done) => {
    const u = require("dgram").createSocket("udp4");
    const end = (answer) => { done(answer); clearTimeout(timer); try { u.close(); } catch {} };
    const timer = setTimeout(() => end(false), 1200);
    u.on("message", () => end(true)); u.on("error", () => end(false));
    u.send("?", 7001, host, (error) => error && end(false));
  });
  const ping = (host) => new Promise((done) =>
    require("child_process").execFile("ping", ["-c", "1", "-W", "1", host], (error) => done(!error)));
  Promise.all(hosts.map(async (host) => {
    const ways = await Promise.all([tcp(host), udp(host), ping(host)]);
    return [host, ["tcp", "udp", "ping"].filter((_, i) => ways[i]).join(" ")];
  })).then((all) => console.log(JSON.stringify(Object.fromEntries(all))));
`;

/** Asks one address for ever, by TCP and UDP, twenty times a second. */
export const KNOCK = `
  const [host] = process.argv.slice(1);
  const u = require("dgram").createSocket("udp4");
  setInterval(() => {
    u.send("?", 7001, host, () => {});
    const s = require("net").connect({ host, port: 7000, timeout: 1000 });
    s.on("error", () => {}); s.on("timeout", () => s.destroy()); s.on("connect", () => s.destroy());
  }, 50);
`;
