import { type ComponentType, lazy, useState } from "react";

/** A page whose file comes when it is wanted first. */
export interface Page<Props> {
  (props: Props): React.ReactElement;
  /** Fetches it before it is drawn. */
  load(): Promise<void>;
}

/**
 * React shows what came late a third of a second after the blank that stood for it. A page that was loaded before it is
 * drawn is not late: `lazy` on its own would take it for that.
 */
export function pageOf<Props extends object>(fetchIt: () => Promise<ComponentType<Props>>): Page<Props> {
  let here: ComponentType<Props> | null = null;
  const load = async () => {
    here = await fetchIt();
  };
  const Late = lazy(async () => ({ default: await fetchIt() })) as unknown as ComponentType<Props>;
  const Shown = (props: Props) => {
    const [Content] = useState(() => here ?? Late);
    return <Content {...props} />;
  };
  return Object.assign(Shown, { load });
}
