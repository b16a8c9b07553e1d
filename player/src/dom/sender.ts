// The sender for pages that give their tracker an element and no adapter: it comes with both, since each of them in a file
// of its own weighs more than it saves.
import type { Adapter } from "./adapter";
import { createSender as create, type SenderOptions } from "./bare_sender";
import { observeHls } from "./hls_adapter";
import { observeNative } from "./native_adapter";
import type { Watched } from "./tracker";

export const createSender = (options: SenderOptions) => create(options, adapterOf);

/** The engine's facts. */
function adapterOf({ media, options: { hls }, earlier }: Watched): Adapter {
  return hls ? observeHls(hls, undefined, earlier) : observeNative(media);
}
