// Where the keeper keeps things in a browser: localStorage for the tail, IndexedDB for the archive, a Web Lock so that
// one page alone sends what others left. Loaded with consent only, beside the rest.
import { type Archive, createKeeper, type Keeper, type KeeperOptions, type Tails } from "../core/keeper";

const NAME = "viewbox.left";

type Given = Omit<KeeperOptions, "tails" | "archive" | "alone">;

export function browserKeeper(given: Given): Keeper {
  return createKeeper({ ...given, tails, archive: indexedArchive(), alone });
}

const tails: Tails = {
  keys: () => Object.keys(localStorage),
  get: (key) => localStorage.getItem(key),
  set: (key, text) => localStorage.setItem(key, text),
  remove: (key) => localStorage.removeItem(key),
};

/** Web Locks exist on https pages and on localhost. Elsewhere two pages may send the same: the server stores it once. */
function alone(act: () => Promise<void>): void {
  const { locks } = navigator as { locks?: LockManager };
  if (locks) locks.request(NAME, act).catch(() => undefined);
  else void act();
}

function indexedArchive(): Archive {
  let opening: Promise<IDBDatabase> | null = null;

  function open(): Promise<IDBDatabase> {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(NAME, { keyPath: "key", autoIncrement: true });
      request.onsuccess = () => resolve(request.result);
      request.onerror = request.onblocked = () => reject(request.error);
    });
  }

  /** The result of one request, once its transaction is complete. */
  async function run<T>(act: (store: IDBObjectStore) => IDBRequest<T> | null): Promise<T> {
    opening ??= open();
    const transaction = (await opening).transaction(NAME, "readwrite");
    const request = act(transaction.objectStore(NAME));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request?.result as T);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  return {
    put: (text) => run((store) => store.add({ text }) as IDBRequest<number>),
    async all() {
      const records: { key: number; text: string }[] = await run((store) => store.getAll());
      return records.map(({ key, text }) => [key, text]);
    },
    remove: (keys) =>
      run((store) => {
        for (const key of keys) store.delete(key);
        return null;
      }),
  };
}
