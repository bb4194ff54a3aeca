import { COPIED } from "../bootstrap/copied";
import { fieldsOf, text, type SettingsProblem } from "../bootstrap/fields";
import { compareVersions } from "../host/facts";
import type { NetworkPreparation, PreparedNetwork } from "../network/preparation";
import { REWEAVE_SINCE } from "./fitness";

/** The newest release of reWeave (rajch/weave), whose command starts on every Docker of today. */
const NEWEST_REWEAVE = "2.9.0";
const FIELD = "weave";

/** The weave command and its images, on a machine that is being prepared. */
export const weavePreparation: NetworkPreparation = {
  field: FIELD,
  mirror: "https://github.com/rajch/weave/releases/download",
  needs: "the weave command",
  read(value, problems) {
    const wanted = read(value, problems);
    return wanted === false ? false : prepared(wanted);
  },
};

interface Wanted {
  /** Absent where the operator gives a command of any version. */
  readonly version?: string;
  readonly sha256?: string;
  /** Files of the operator's: the command, and an archive of its images. */
  readonly command?: string;
  readonly archive?: string;
}

function read(value: unknown, problems: SettingsProblem[]): Wanted | false {
  if (value === false) return false;
  const at = `bootstrap.${FIELD}`;
  const given = typeof value === "string" ? { version: value } : value;
  const fields = fieldsOf(given, at, problems, ["version", "sha256", "command", "archive"]);
  const command = text(fields["command"], `${at}.command`, /./, "the path of a file", problems);
  const archive = text(fields["archive"], `${at}.archive`, /./, "the path of a file", problems);
  const form = /^\d+\.\d+\.\d+$/;
  const version = text(fields["version"], `${at}.version`, form, `like "2.9.0"`, problems);
  const sum = /^[0-9a-f]{64}$/;
  const sha256 = text(fields["sha256"], `${at}.sha256`, sum, "64 digits of base 16", problems);
  const wanted = version ?? (command === undefined ? NEWEST_REWEAVE : undefined);
  if (
    version !== undefined &&
    command === undefined &&
    compareVersions(version, REWEAVE_SINCE) < 0
  ) {
    problems.push([
      `${at}.version`,
      `is older than ${REWEAVE_SINCE}, the first release of reWeave with images of its own, from where it would be fetched; give its file as \`command\``,
    ]);
  }
  return {
    ...(wanted === undefined ? {} : { version: wanted }),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(command === undefined ? {} : { command }),
    ...(archive === undefined ? {} : { archive }),
  };
}

const COMMAND = `${COPIED}/weave`;
const ARCHIVE = `${COPIED}/images.tar`;

function prepared({ version, sha256, command, archive }: Wanted): PreparedNetwork {
  const numbered = version === undefined ? "" : `${version} `;
  const from = command === undefined ? `${numbered}of reWeave` : `${numbered}from a file`;
  const file = (what: string, source: string | undefined, target: string) =>
    source === undefined ? [] : [{ what, source, target }];
  return {
    parts: [
      {
        part: "weave",
        program: "weave/prepare-command.sh",
        words: `the weave command ${from}, unless it is there`,
      },
      {
        part: "images",
        program: "weave/prepare-images.sh",
        words: "the images of the weave command, where they are not there",
      },
    ],
    files: [...file("command", command, COMMAND), ...file("archive", archive, ARCHIVE)],
    values: (mirror) => ({
      weave_file: command === undefined ? "" : COMMAND,
      weave_url: version === undefined ? "" : `${mirror}/v${version}/weave`,
      weave_version: version ?? "",
      weave_sha256: sha256 ?? "",
      images_file: archive === undefined ? "" : ARCHIVE,
    }),
  };
}
