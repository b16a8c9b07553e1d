// Where the keeper keeps things in a browser: localStorage for the tail, IndexedDB for the archive, a Web Lock so that
// one page alone sends what others left. Nothing here is touched without consent, but to empty it.
import type { Archive, Tails } from "../core/keeper";

const NAME = "viewbox.left";

interface Left {
  key: string;
  text: string;
}

export const tails: Tails = {
  keys: () => Object.keys(localStorage),
  get: (key) => localStorage.getItem(key),
  set: (key, text) => localStorage.setItem(key, text),
  remove: (key) => localStorage.removeItem(key),
};

/** Web Locks exist on https pages and on localhost. Elsewhere two pages may send the same: the server stores it once. */
export function alone(act: () => Promise<void>): void {
  const { locks } = navigator as { locks?: LockManager };
  if (locks) locks.request(NAME, act).catch(() => undefined);
  else void act();
}

export function indexedArchive(): Archive {
  let opening: Promise<IDBDatabase> | null = null;

  function open(): Promise<IDBDatabase> {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(NAME, { keyPath: "key" });
      request.onsuccess = () => resolve(request.result);
      request.onerror = request.onblocked = () => reject(request.error);
    });
  }

  /** The result of one request, once its transaction is complete. */
  async function run<T>(act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    opening ??= open();
    const transaction = (await opening).transaction(NAME, "readwrite");
    const request = act(transaction.objectStore(NAME));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  return {
    put: (key, text) => run((store) => store.put({ key, text })),
    async all() {
      const records: Left[] = await run((store) => store.getAll());
      return records.map(({ key, text }) => [key, text]);
    },
    remove: (key, text) =>
      run((store) => {
        const request: IDBRequest<Left | undefined> = store.get(key);
        request.onsuccess = () => request.result?.text === text && store.delete(key);
        return request;
      }),
    clear: () => run((store) => store.clear()),
  };
}
