import { bootstrapOn } from "./bootstrap-stories";

bootstrapOn("dash with GNU's tools");
