import type { Application, Service } from "../../../provider/core/application";
import { problemLine, readCompose, type ComposeOptions } from "../../../provider/core/compose";

export interface Variables extends Partial<Omit<ComposeOptions, "fileName">> {
  readonly variables?: Record<string, string>;
}

export function read(text: string, options: Variables = {}) {
  return readCompose(text, { fileName: "fig.yml", variables: {}, ...options });
}

/** The problems, one a line, each with its line and column in front. */
export function located(text: string, options: Variables = {}): string[] {
  return read(text, options).problems.map((problem) => problemLine("", problem));
}

/** The problems, one a line, as `parseCompose` throws them but without the file's name. */
export function problems(text: string, options: Variables = {}): string[] {
  return read(text, options).problems.map(({ path, reason }) => `${path}: ${reason}`);
}

export function application(text: string, options: Variables = {}): Application {
  const result = read(text, options);
  expect(result.problems).toEqual([]);
  if (result.application === undefined) throw new Error("no application");
  return result.application;
}

/** A compose file with one service `web`, whose image is there, and another one `db`. */
export function fileWith(lines: string): string {
  const body = lines
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n");
  return [
    "services:",
    "  web:",
    "    image: web",
    body,
    "  db:",
    "    image: redis",
    "volumes:",
    "  data:",
    "",
  ].join("\n");
}

/** The service `web` with these lines. */
export function web(lines: string, options: Variables = {}): Service {
  const service = application(fileWith(lines), options).services.web;
  if (service === undefined) throw new Error("no service web");
  return service;
}

/** What is told of these lines beside mistakes, the path within the service in front. */
export function notes(lines: string, options: Variables = {}): string[] {
  return read(fileWith(lines), options).notes.map(({ path, reason }) =>
    `${path}: ${reason}`.replace(/^services\.web\.?/, ""),
  );
}

/** What is wrong with these lines, the path within the service in front. */
export function wrong(lines: string, options: Variables = {}): string[] {
  return problems(fileWith(lines), options).map((line) => line.replace(/^services\.web\.?/, ""));
}
