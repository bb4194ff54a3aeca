import type { dynamic } from "@pulumi/pulumi";
import type { Kind } from "./core/kinds";

/**
 * What Pulumi serialises into the state of every resource. It must stay tiny and must never change:
 * a changed text is a diff on every resource of every user, and the old text is what `destroy` and
 * `refresh` run. So it captures nothing but the kind, and finds the installed library by its name
 * (docs/adr/0001-thin-provider.md).
 *
 * The SDK calls `configure` once, right after it has read the text back and before any other
 * method; the methods themselves come from the library. Nothing here may become asynchronous:
 * another call could then see them missing.
 */
export function thinProvider(kind: Kind): dynamic.ResourceProvider {
  const provider = {
    configure(): void {
      Object.assign(this, require("pulumi-ferry/provider/handlers").dynamicProviders[kind]);
    },
  };
  // The methods are there after `configure`; the program itself never calls them.
  return provider as unknown as dynamic.ResourceProvider;
}

/**
 * The same, where the program does not have the library itself but a package that it uses does, and
 * the package manager keeps such things to those that ask for them (pnpm): it is then found from
 * where Pulumi's SDK lies, which is what runs this.
 */
export function thinProviderBelow(kind: Kind): dynamic.ResourceProvider {
  const provider = {
    configure(): void {
      const main = require.main as NodeJS.Module;
      Object.assign(this, main.require("pulumi-ferry/provider/handlers").dynamicProviders[kind]);
    },
  };
  return provider as unknown as dynamic.ResourceProvider;
}
