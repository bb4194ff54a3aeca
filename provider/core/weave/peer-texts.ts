import { text } from "../input-reader";

/** How another peer may be dialled; Weave's routers know IPv4 and names. */
export const dialAddress = text(
  /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?$/,
  "is neither an IPv4 address nor a name that a peer could dial",
);

/** Weave's form for the name of a peer. */
export const peerNameText = (value: unknown): string =>
  text(
    /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i,
    "is not of the form 01:23:45:67:89:ab",
  )(value).toLowerCase();
