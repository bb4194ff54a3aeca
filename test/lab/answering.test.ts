import { Answering } from "../long/move/answering";

const most = (...reported: [number, string][]) => {
  const answering = new Answering();
  for (const [question, who] of reported)
    answering.tell({ question, answerers: who.match(/./g) ?? [] });
  return answering.report();
};

test("one answers after the other", () => {
  expect(most([0, ""], [1, "A"], [9, "B"])).toBe(1);
  expect(most([0, "A"], [5, ""], [9, "B"])).toBe(1);
  expect(most()).toBe(0);
  expect(most([0, ""])).toBe(0);
});

test("a single question may reach both, when one hands over to the other meanwhile", () => {
  expect(most([0, "A"], [5, "AB"], [6, "B"])).toBe(1);
});

test("anything else that two answer is two at once", () => {
  expect(most([0, "A"], [5, "AB"], [7, "B"])).toBe(2);
  expect(most([0, "A"], [5, "AB"], [6, "A"])).toBe(2);
  expect(most([0, "A"], [5, "AB"], [6, ""], [7, "B"])).toBe(2);
  expect(most([0, ""], [5, "AB"], [6, "B"])).toBe(2);
  expect(most([0, "A"], [5, "BC"], [6, "B"])).toBe(2);
  expect(most([0, "A"], [5, "AB"])).toBe(2);
  expect(most([0, "A"], [5, "ABC"], [6, "B"])).toBe(3);
});

test("every report begins anew, with whoever answers now", () => {
  const answering = new Answering();
  answering.tell({ question: 0, answerers: ["A"] });
  answering.tell({ question: 1, answerers: ["A", "B"] });
  answering.tell({ question: 3, answerers: ["B"] });
  expect(answering.report()).toBe(2);
  expect(answering.report()).toBe(1);
});
