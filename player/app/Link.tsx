import type { AnchorHTMLAttributes, MouseEvent } from "react";
import { goTo } from "./router";

/** A link inside the site: no reload, but all that browsers do with links (new tab, copy, middle click). */
export function Link({ href, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { href: string }) {
  const follow = (event: MouseEvent) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    goTo(href);
  };
  return <a href={href} onClick={follow} {...rest} />;
}
