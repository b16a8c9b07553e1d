import { useEffect, useMemo, useRef, useState } from "react";
import type { Cue } from "../cues";
import { useWords } from "../i18n/useWords";
import { OFFER_MS, SkipOffers, type SkipSection, skippable } from "../skip";

interface SkipOfferProps {
  chapters: readonly Cue[];
  /** Parts that many people skip. */
  suggested: readonly SkipSection[] | null;
  positionS: number;
  /** Nothing is offered before it was asked to play. */
  started: boolean;
  onSkip: (section: SkipSection) => void;
}

const LABELS = { intro: "skipIntro", recap: "skipRecap", credits: "skipCredits", section: "skipSection" } as const;

/** Offers to skip the part that plays, once. Nobody is thrown out of the button by its end: the player takes the focus. */
export function SkipOffer({ chapters, suggested, positionS, started, onSkip }: SkipOfferProps) {
  const { m } = useWords();
  const [offers] = useState(() => new SkipOffers());
  const [offer, setOffer] = useState<SkipSection | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const sections = useMemo(() => skippable(chapters, suggested ?? []), [chapters, suggested]);

  useEffect(() => {
    const look = () => {
      const now = started ? offers.at(sections, positionS, performance.now()) : null;
      if (!now) focusPlayer(button.current);
      setOffer(now);
    };
    look();
    const timer = setTimeout(look, OFFER_MS + 50); // a paused playhead ends no offer
    return () => clearTimeout(timer);
  }, [offers, sections, positionS, started]);

  const label = offer && m[LABELS[offer.kind]];
  return (
    <div>
      <span className="vb-hidden" role="status">
        {label}
      </span>
      {offer && (
        <button
          ref={button}
          type="button"
          className="vb-skip"
          onClick={() => {
            focusPlayer(button.current);
            offers.close();
            setOffer(null);
            onSkip(offer);
          }}
        >
          {label}
        </button>
      )}
    </div>
  );
}

/** A button that goes away hands its focus on. */
function focusPlayer(button: HTMLElement | null): void {
  if (button?.matches(":focus")) button.closest<HTMLElement>(".vb-player")?.focus({ preventScroll: true });
}
