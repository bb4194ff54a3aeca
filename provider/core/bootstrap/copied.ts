/** Where the operator's files come to, in the home folder of who logs in: commands of SSH begin there. */
export const COPIED = ".pulumi-ferry-bootstrap";
