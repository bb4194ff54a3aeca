import { MainStory } from "./main-story";
import { MeshLab } from "./weave/mesh-lab";

/**
 * The main story on hosts as people get them today: Debian 13, Docker 29 with containerd's image
 * store, and a Weave that does as reWeave. test/long/hosts tells it on the others.
 */

const KIND = "trixie/29/containerd";
const hosts = new MeshLab("today", 3, [KIND, KIND, KIND]);
const story = new MainStory(hosts);

// What the hosts are made of may have to be built first.
jest.setTimeout(1_200_000);

beforeAll(async () => {
  hosts.beTheLab();
  await hosts.up();
  await story.begin();
});

afterAll(() => hosts.down());

test("comes up, and again with nothing to do", async () => {
  await story.comesUp();
  expect(await story.upAgain()).toBe(0);
  expect(await story.upAgain("--refresh")).toBe(0);
});

test("moves while a client writes", async () => {
  await story.moveTo("node2");
});

test("has its address after a restart by Docker", async () => {
  await story.restartContainer();
});

test("has its address after a reboot of its host, and there is nothing to do", async () => {
  await story.reboot();
  expect(await story.upAgain("--refresh")).toBe(0);
});

test("dead addresses are collected on every host, by a collector that has never ended", async () => {
  await story.collectorsAreWell();
});

test("goes home, and no acknowledged write was lost on all its ways", async () => {
  await story.moveTo("node1");
  await story.nothingIsLost();
});

test("leaves nothing behind", async () => {
  await story.leavesNothing();
});
