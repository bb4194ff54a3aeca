// A page for each component, and one for the types that their arguments and outputs are made of.
import { ReflectionKind } from "typedoc";
import { isComponent } from "./model.mjs";

const MADE = "<!-- Made from the doc comments by `npm run docs`; change those. -->";

/** Pages by the name of their file. */
export function pagesOf(project) {
  const exported = [...project.children].sort((a, b) => (a.name < b.name ? -1 : 1));
  const components = exported.filter(isComponent);
  const own = new Set(
    components.flatMap((component) => [component, ...formsOf(argsOf(component))]),
  );
  // A const and the type of its values have one name, and one entry.
  const rest = exported.filter((each) => !own.has(each) && !isConstOfType(each, exported));
  const files = new Map(rest.map((each) => [each.name, `types.md#${anchor(each.name)}`]));
  for (const component of components) {
    const file = fileOf(component);
    files.set(component.name, file);
    for (const args of formsOf(argsOf(component))) files.set(args.name, `${file}#inputs`);
  }
  return new Map([
    ["README.md", indexPage(components)],
    ...components.map((component) => [fileOf(component), componentPage(component, project, files)]),
    ["types.md", typesPage(rest, project, files)],
  ]);
}

const fileOf = ({ name }) => `${name.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase()}.md`;
const anchor = (heading) => heading.toLowerCase();

const isConstOfType = (each, all) =>
  each.kindOf(ReflectionKind.Variable) &&
  all.some((other) => other !== each && other.name === each.name);

/** The arguments of a component's constructor. */
function argsOf(component) {
  const constructor = component.children.find((child) => child.kindOf(ReflectionKind.Constructor));
  const args = constructor.signatures[0].parameters.find(({ name }) => name === "args");
  return args.type.reflection;
}

/** Arguments, and what they are put together from. */
function formsOf(args) {
  const parts = args.type?.types?.map((part) => part.reflection) ?? [];
  return [args, ...parts.flatMap(formsOf)];
}

function indexPage(components) {
  const rows = components.map(
    (component) => `| [${component.name}](${fileOf(component)}) | ${inLine(summary(component))} |`,
  );
  return `# Reference\n\n${MADE}\n\n| component | what it is |\n| --- | --- |\n${rows.join("\n")}\n
The types that their inputs and outputs are made of: [types](types.md).\n`;
}

function componentPage(component, project, files) {
  const args = argsOf(component);
  const { shared, variants } = fieldsOf(args, project);
  const methods = component.children.filter((child) => child.kindOf(ReflectionKind.Method));
  const outputs = component.children.filter((child) => child.kindOf(ReflectionKind.Property));
  return [
    `# ${component.name}`,
    MADE,
    summary(component),
    ...examples(component),
    "```ts\n" + `new ferry.${component.name}(name, args: ${args.name}, opts?)\n` + "```",
    "## Inputs",
    ...shared.flatMap((field) => entry(field, files, "input")),
    ...variants.flatMap(({ name, fields }) => [
      `## Inputs: ${name}`,
      ...fields.flatMap((field) => entry(field, files, "input")),
    ]),
    "## Outputs",
    ...outputs.flatMap((field) => entry(field, files, "output")),
    ...methods.flatMap((method) => [`## ${method.name}()`, ...methodText(method, files)]),
    "",
  ].join("\n\n");
}

function methodText(method, files) {
  const [signature] = method.signatures;
  const parameters = signature.parameters.map(
    ({ name, type, flags }) => `${name}${flags.isOptional ? "?" : ""}: ${type.toString()}`,
  );
  const owner = method.parent.name;
  const call = `${method.flags.isStatic ? `ferry.${owner}.` : ""}${method.name}(${parameters.join(", ")})`;
  return [
    "```ts\n" + call + "\n```",
    summary(signature),
    ...examples(signature),
    links(
      signature.parameters.map((p) => p.type),
      files,
    ),
  ];
}

function typesPage(types, project, files) {
  return [
    "# Types",
    MADE,
    "What the inputs and outputs of [the components](README.md) are made of.",
    ...types.flatMap((type) => [
      `## ${type.name}`,
      summary(type),
      ...examples(type),
      ...(type.children === undefined && type.type !== undefined
        ? aliased(type, project, files)
        : []),
      ...(type.children ?? []).flatMap((field) => entry(field, files, "type")),
    ]),
    "",
  ].join("\n\n");
}

/** What a type that is no interface stands for. */
function aliased(alias, project, files) {
  const constant = project.children.find(
    (each) => each.name === alias.name && each.kindOf(ReflectionKind.Variable),
  );
  const values = constant?.type?.declaration?.children;
  if (values !== undefined)
    return values.map((value) => `- \`${value.type.toString()}\`: ${summary(value)}`);
  if (alias.type.type === "union" && alias.type.types.some((each) => each.declaration?.children)) {
    return alias.type.types.map((each) => `- ${shape(each)}`);
  }
  return [`\`${alias.type.toString()}\` ${links([alias.type], files)}`];
}

/** One form of a union of objects. */
function shape(type) {
  const fields = type.declaration?.children;
  if (fields === undefined) return `\`${type.toString()}\``;
  const rows = fields.map(
    (field) =>
      `  - \`${field.name}${field.flags.isOptional ? "?" : ""}: ${field.type.toString()}\` ${inLine(text(field))}`,
  );
  const kind = fields.find(({ name, type: of }) => name === "type" && of.type === "literal");
  return `${kind === undefined ? "an object" : `\`${kind.type.toString()}\``}\n${rows.join("\n")}`;
}

/** All that a program may say: what is common, and what belongs to one form of the arguments. */
function fieldsOf(args, project) {
  if (args.children !== undefined) return { shared: args.children, variants: [] };
  const parts = args.type.types.map((part) => part.reflection);
  const shared = parts
    .filter((part) => part.children !== undefined)
    .flatMap((part) => part.children);
  const forms = parts
    .filter((part) => part.type?.type === "union")
    .flatMap((part) => part.type.types);
  const variants = forms.map(({ reflection }) => ({
    name: reflection.children
      .find(({ name }) => name === "topology")
      .type.toString()
      .replaceAll('"', ""),
    fields: reflection.children.filter((field) => field.type.toString() !== "undefined"),
  }));
  return { shared, variants };
}

function entry(field, files, as) {
  const type = field.type ?? field.getSignature?.type;
  const facts = [
    `\`${type.toString().replaceAll(" | undefined", as === "output" ? " | undefined" : "")}\``,
    ...(as === "input" && !field.flags.isOptional ? ["required"] : []),
    ...(as === "type" && field.flags.isOptional ? ["optional"] : []),
    ...defaults(field),
  ];
  return [
    `### ${field.name}`,
    `${facts.join(", ")} ${links([type], files)}`,
    summary(field),
    ...examples(field),
  ];
}

function defaults(reflection) {
  const [tag] = tags(reflection, "@default");
  if (tag === undefined) return [];
  const code = /^```ts\n(.*)\n```$/s.exec(tag)?.[1];
  return [`default ${code === undefined ? tag : isCode(code) ? `\`${code}\`` : code}`];
}

/** A value, rather than words about one. */
const isCode = (written) =>
  /^(["[{`\d].*|true|false)$/s.test(written) && !/^[`\d].* /.test(written);

/** Values are no programs, and the formatter must not make any of them. */
const examples = (reflection) =>
  tags(reflection, "@example").map((each) => each.replace(/^```ts\n(?=[{"[])/, "```text\n"));

const tags = (reflection, name) =>
  (reflection.comment?.blockTags ?? [])
    .filter(({ tag }) => tag === name)
    .map(({ content }) => written(content));

const written = (parts) =>
  parts
    .map((part) => part.text)
    .join("")
    .trim();

/** The comment without its tags. */
const text = (reflection) =>
  reflection.comment === undefined ? "" : written(reflection.comment.summary);
const summary = text;
const inLine = (words) => words.replace(/\s+/g, " ");

/** Where the types that are named in these stand. */
function links(types, files) {
  const named = new Set(
    types.flatMap((type) => [...type.toString().matchAll(/\b[A-Z]\w+/g)].map(([name]) => name)),
  );
  const known = [...named].filter((name) => files.has(name));
  return known.length === 0
    ? ""
    : `(${known.map((name) => `[${name}](${files.get(name)})`).join(", ")})`;
}
