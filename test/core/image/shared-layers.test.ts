import fc from "fast-check";
import { chainIds, chainOfFolder, sharedLayers } from "../../../provider/core/image/shared-layers";

test("images share what they begin with, and nothing further up", () => {
  const layer = fc.constantFrom("a", "b", "c");
  fc.assert(
    fc.property(fc.array(layer), fc.array(fc.array(layer)), (image, others) => {
      const shared = sharedLayers(image, others);
      expect(image.slice(0, shared.length)).toEqual(shared);
      const begins = (other: readonly string[], count: number) =>
        other.length >= count && image.slice(0, count).every((each, at) => each === other[at]);
      expect(shared.length === 0 || others.some((other) => begins(other, shared.length))).toBe(
        true,
      );
      const longer = shared.length + 1;
      expect(image.length >= longer && others.some((other) => begins(other, longer))).toBe(false);
    }),
  );
});

/** Of an archive that Docker 20.10.24 wrote. */
const LAYERS = [
  "sha256:fb2be36d0f33f4ecc2ce8e63524cd244282d70351846c75b3a053b61f8f83c63",
  "sha256:7a8ab99e3a887f9a76eeba6ba21d02b399e8ba2616d11c411894840ea1a09c7f",
];
const FOLDER = "53ecc5851773e3e62b88d0f2c08e3ee0d9bcde7ed674bf5ff40cd1cc08f0a3b0";
const DESCRIPTION = `{"id":"${FOLDER}","created":"1970-01-01T00:00:00Z","container_config":{"Hostname":"","Domainname":"","User":"","AttachStdin":false,"AttachStdout":false,"AttachStderr":false,"Tty":false,"OpenStdin":false,"StdinOnce":false,"Env":null,"Cmd":null,"Image":"","Volumes":null,"WorkingDir":"","Entrypoint":null,"OnBuild":null,"Labels":null},"os":"linux"}`;

test("a folder's name says which layer it has", () => {
  const chains = chainIds(LAYERS);
  expect(chainOfFolder(FOLDER, DESCRIPTION, chains)).toBe(chains[0]);
  expect(chainOfFolder(FOLDER, DESCRIPTION, chains.slice(1))).toBeUndefined();
  expect(chainOfFolder(FOLDER, DESCRIPTION.replace("1970", "1971"), chains)).toBeUndefined();
  for (const other of ["", "null", "[]", "{", '"text"'])
    expect(chainOfFolder(FOLDER, other, chains)).toBeUndefined();
});
