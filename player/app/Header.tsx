import { type ReactNode, useState } from "react";
import { dashboardUrl } from "./dashboard";
import { m } from "./i18n";
import { Link } from "./Link";
import { PrivacyDialog } from "./PrivacyDialog";
import { notCounted } from "./privacy";
import { nextTheme, useTheme } from "./theme";
import { useSendings } from "./upload/queue";
import { percent } from "./words";

/** The one line above every page. */
export function Header({ children }: { children?: ReactNode }) {
  const [theme, setTheme] = useTheme();
  const [privacy, setPrivacy] = useState(false);
  const dashboard = dashboardUrl();
  return (
    <header className="header">
      <Link href="/" className="brand">
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="7" />
          <path d="M11 8v10l9-5z" />
          <path className="brand-curve" d="M5 24h5l2-3 3 4 3-6 3 5h6" />
        </svg>
        ViewBox
      </Link>
      <div className="header-middle">{children}</div>
      <nav aria-label={m.site}>
        <UploadsLink />
        {notCounted.get() && (
          <button type="button" className="badge" title={m.notCountedWhy} onClick={() => setPrivacy(true)}>
            {m.notCounted}
          </button>
        )}
        {dashboard && (
          <a className="header-link" href={dashboard}>
            {m.dashboard}
          </a>
        )}
        <button type="button" className="header-link header-privacy" onClick={() => setPrivacy(true)}>
          {m.privacy}
        </button>
        <button
          type="button"
          className="header-icon"
          aria-label={m.coloursChange(m.theme[theme], m.theme[nextTheme(theme)])}
          title={m.colours(m.theme[theme])}
          onClick={() => setTheme(nextTheme(theme))}
        >
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <circle cx="12" cy="12" r="8" />
            <path
              d={
                theme === "auto"
                  ? "M12 4a8 8 0 0 1 0 16z"
                  : theme === "dark"
                    ? "M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16z"
                    : "M0 0"
              }
            />
          </svg>
        </button>
      </nav>
      <PrivacyDialog open={privacy} onClose={() => setPrivacy(false)} />
    </header>
  );
}

/** Uploads go on while other pages of the site are shown: the way back to them. */
function UploadsLink() {
  const running = useSendings().filter(({ stage }) => stage !== "done" && stage !== "failed");
  if (running.length === 0 || location.pathname === "/") return null;
  const sizeBytes = running.reduce((sum, each) => sum + each.sizeBytes, 0);
  const sentBytes = running.reduce((sum, each) => sum + each.sentBytes, 0);
  return (
    <Link href="/" className="header-link">
      Uploading {percent(sizeBytes > 0 ? sentBytes / sizeBytes : 0)}
    </Link>
  );
}
