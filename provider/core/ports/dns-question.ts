/** A question for the addresses of a name, as DNS has it over TCP, in hexadecimal digits. */
export function dnsQuestion(name: string): string {
  const labels = name.split(".").filter((label) => label !== "");
  const question = Buffer.concat([
    // Id, "recursion desired", one question.
    Buffer.from([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
    ...labels.map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    // The end of the name; A, IN.
    Buffer.from([0, 0, 1, 0, 1]),
  ]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(question.length);
  return Buffer.concat([length, question]).toString("hex");
}

/** What stands in an answer that has this address: its length, and itself. */
export function dnsAnswer(address: string): string {
  return Buffer.from([0, 4, ...address.split(".").map(Number)]).toString("hex");
}
