import { existsSync, readdirSync, readFileSync, statSync } from "fs";
import { dirname, join, relative, resolve } from "path";
import { parse } from "yaml";

const root = join(__dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const pages = [
  ...["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "examples/README.md"],
  ...readdirSync(join(root, "docs"), { recursive: true })
    .map((path) => `docs/${String(path)}`)
    .filter((path) => path.endsWith(".md"))
    .sort(),
];

/** A page without what is code: nothing in it is a link. */
const prose = (page: string) =>
  read(page)
    .replace(/^```.*?^```/gms, "")
    .replace(/`[^`\n]*`/g, "x");

const links = (page: string) =>
  [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);

/** Headings of a page as GitHub names them. */
function anchors(page: string): Set<string> {
  const headings = read(page)
    .replace(/^```.*?^```/gms, "")
    .matchAll(/^#+ (.*)$/gm);
  const named = [...headings].map(([, heading = ""]) =>
    heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/ /g, "-"),
  );
  return new Set(named);
}

describe("links", () => {
  it.each(pages)("%s: lead to what is there", (page) => {
    const broken = links(page).filter((link) => {
      if (/^[a-z]+:/.test(link)) return false;
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? page : relative(root, resolve(root, dirname(page), path));
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchors(target).has(anchor);
    });
    expect(broken).toEqual([]);
  });

  it("of README are none that npm or GitHub could not follow", () => {
    // npm looks them up in `repository`, at the branch's head: a path that leaves it leads nowhere.
    expect(links("README.md").filter((link) => /^(\/|\.\.)/.test(link))).toEqual([]);
    expect(links("README.md").length).toBeGreaterThan(20);
  });

  it("are no orphans: every page of docs is linked from another one", () => {
    const linked = pages.flatMap((page) =>
      links(page).map((link) =>
        relative(root, resolve(root, dirname(page), link.split("#")[0] ?? "")),
      ),
    );
    const docs = pages.filter((page) => page.startsWith("docs/"));
    expect(docs.filter((page) => !linked.includes(page))).toEqual([]);
  });
});

describe("decisions", () => {
  const decisions = pages.filter((page) => /^docs\/adr\/\d/.test(page));

  it("are all in the list", () => {
    expect(decisions.length).toBeGreaterThan(10);
    const listed = links("docs/adr/README.md").map((link) => `docs/adr/${link}`);
    expect(decisions.filter((page) => !listed.includes(page))).toEqual([]);
  });

  it.each(decisions)("%s: begins with a plain paragraph", (page) => {
    expect(read(page)).toMatch(/^# .*\n\n\*\*In short\.\*\* /);
  });
});

describe("CONTRIBUTING.md", () => {
  const named = [...read("CONTRIBUTING.md").matchAll(/`([\w.-]+(?:\/[\w.-]*)+)`/g)].map(
    ([, path = ""]) => path,
  );

  it("names files and folders that are there", () => {
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    const folders = named.filter((path) => path.endsWith("/"));
    expect(folders.filter((path) => !statSync(join(root, path)).isDirectory())).toEqual([]);
  });

  it("names scripts that package.json has", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const run = ["CONTRIBUTING.md", "README.md", "docs/testing.md"].flatMap((page) =>
      [...read(page).matchAll(/npm run ([\w:]+)/g)].map(([, script = ""]) => script),
    );
    expect(run.filter((script) => !(script in scripts))).toEqual([]);
  });
});

describe("where the project lives", () => {
  const { repository, bugs, homepage, version } = JSON.parse(read("package.json")) as {
    repository: { url: string };
    bugs: { url: string };
    homepage: string;
    version: string;
  };
  const address = repository.url.replace(/^git\+|\.git$/g, "");

  it("is said once and the same everywhere", () => {
    expect(bugs.url).toBe(`${address}/issues`);
    expect(homepage).toBe(`${address}#readme`);
    const slug = address.replace("https://github.com/", "");
    expect(read(".github/workflows/release.yml")).toContain(`github.repository == '${slug}'`);
    for (const page of ["CONTRIBUTING.md", "SECURITY.md", ".github/ISSUE_TEMPLATE/config.yml"]) {
      expect(read(page)).toContain(address);
    }
  });

  it("has the version that package.json has at the top of its changes", () => {
    const [, newest] = /^## (\S+)/m.exec(read("CHANGELOG.md")) ?? [];
    expect(newest).toBe(version);
  });
});

interface Workflow {
  readonly jobs: Record<
    string,
    {
      readonly permissions?: Record<string, string>;
      readonly steps: readonly { readonly run?: string; readonly uses?: string }[];
    }
  >;
}

describe("workflows", () => {
  it("run what .ci/run runs, without hosts and with them", () => {
    const { jobs } = parse(read(".github/workflows/ci.yml")) as Workflow;
    for (const job of ["units", "hosts"]) {
      expect(jobs[job]?.steps.map(({ run }) => run)).toContain(".ci/run");
    }
  });

  it("publish with provenance", () => {
    const { jobs } = parse(read(".github/workflows/release.yml")) as Workflow;
    expect(jobs["release"]?.permissions).toMatchObject({ "id-token": "write" });
    expect(JSON.parse(read("package.json"))).toMatchObject({ publishConfig: { provenance: true } });
  });
});
