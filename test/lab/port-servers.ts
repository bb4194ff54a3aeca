const OWN = `const own = require("os").networkInterfaces().ethwe[0].address;`;

/** Programs that say who answers, and for whom. Each is one line for a compose file. */
export const PORT_SERVERS = {
  /** By HTTP, with what the request says of its client. */
  web: `${OWN} require("http").createServer((request, response) =>
    response.end("by " + own + " for " + request.headers["x-forwarded-for"] + " .")).listen(80);`,
  /** What it hears, and its own address before it; ends unless it is to keep the connection. */
  raw: `${OWN} require("net").createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (data) => {
      socket.write(own + ": " + data);
      if (!String(data).startsWith("keep")) socket.end();
    });
  }).listen(7000);`,
  /** The client's address by version 2 of the PROXY protocol: 12 bytes, 4 more, the source. */
  mail: `${OWN} require("net").createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (data) => {
      const is2 = data.subarray(0, 12).toString("hex") === "0d0a0d0a000d0a515549540a";
      const client = is2 && data[13] === 0x11 ? [...data.subarray(16, 20)].join(".") : "nobody";
      socket.end("by " + own + " for " + client);
    });
  }).listen(25);`,
};
