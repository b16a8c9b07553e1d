import { type ComponentType, use } from "react";

/** A page whose file comes when it is wanted first. */
export interface Page<Props> {
  (props: Props): React.ReactElement;
  /** Fetches it before it is drawn. */
  load(): Promise<unknown>;
}

/**
 * React shows what came late a third of a second after the blank that stood for it. A page that was loaded before it is
 * drawn is not late; `lazy` would take it for that.
 */
export function pageOf<Props extends object>(fetchIt: () => Promise<ComponentType<Props>>): Page<Props> {
  let here: ComponentType<Props> | null = null;
  let coming: Promise<ComponentType<Props>> | null = null;
  const load = () => {
    coming ??= fetchIt().then((content) => {
      here = content;
      return content;
    });
    return coming;
  };
  const Shown = (props: Props) => {
    const Content = here ?? use(load());
    return <Content {...props} />;
  };
  return Object.assign(Shown, { load });
}
