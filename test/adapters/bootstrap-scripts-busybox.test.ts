import { bootstrapOn } from "./bootstrap-stories";

bootstrapOn("busybox with its own tools");
