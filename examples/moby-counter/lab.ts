/** The program on the hosts of `npm run lab`: what `pulumi up` at the top of the repository runs. */
import "./demo/lab-settings";
export * from "./index";
