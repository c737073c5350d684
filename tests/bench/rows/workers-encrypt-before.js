import { besideBefore } from "../lib/blobs.js";

export default besideBefore("encrypt");
