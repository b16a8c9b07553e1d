// The master playlist travels while the engine does: hls.js is handed the answer to a request that was made before it came.
import type { HlsConfig } from "hls.js";
import type { PatientLoader } from "./hls_config";

export interface EarlyMaster {
  /** Where it came from in the end, after redirects. */
  url: string;
  text: string;
}

type Base = new (config: HlsConfig) => InstanceType<typeof PatientLoader>;

/** A loader whose first request for `src` is answered by `early`; by the network where that has nothing to give. */
export function loaderWith(PlainLoader: Base, src: string, early: Promise<EarlyMaster | null>): Base {
  const asked = new URL(src, location.href).href;
  let unused = true;
  return class extends PlainLoader {
    #over = false;

    protected override loadInternal(): void {
      if (!unused || this.context?.url !== asked) {
        super.loadInternal();
        return;
      }
      unused = false;
      early.then((master) => {
        const { callbacks, context, stats } = this;
        if (this.#over || !callbacks || !context) return;
        if (!master) {
          super.loadInternal();
          return;
        }
        stats.loading.first = stats.loading.end = performance.now();
        stats.loaded = stats.total = master.text.length;
        callbacks.onSuccess({ url: master.url, data: master.text, code: 200 }, stats, context, null);
      });
    }

    override abort(): void {
      this.#over = true;
      super.abort();
    }
  };
}
