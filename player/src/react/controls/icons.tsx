const PATHS = {
  play: "M7 4.5v15l12.5-7.5z",
  pause: "M6 4.5h4v15H6zM14 4.5h4v15h-4z",
  replay: "M12 5V1.5L7 6l5 4.5V7a5.5 5.5 0 1 1-5.5 5.5h-2A7.5 7.5 0 1 0 12 5z",
  back: "M12 5V1.5L7 6l5 4.5V7a5.5 5.5 0 1 1-5.5 5.5h-2A7.5 7.5 0 1 0 12 5z",
  forward: "M12 5V1.5L17 6l-5 4.5V7a5.5 5.5 0 1 0 5.5 5.5h2A7.5 7.5 0 1 1 12 5z",
  volume: "M3 9v6h4l5 5V4L7 9zM15 8.2a5 5 0 0 1 0 7.6v2.3a7 7 0 0 0 0-12.2z",
  muted:
    "M3 9v6h4l5 5V4L7 9zM21 9.6 19.4 8 17 10.4 14.6 8 13 9.6l2.4 2.4-2.4 2.4 1.6 1.6 2.4-2.4 2.4 2.4 1.6-1.6-2.4-2.4z",
  captions: "M3 5h18v14H3zm2 2v10h14V7zm2 3.2h4V12H8.8v0h2.2v1.8H7zm6 0h4V12h-2.2v0H17v1.8h-4z",
  settings:
    "M10.5 2h3l.5 2.6 1.8.8L18 3.9l2.1 2.1-1.5 2.2.8 1.8 2.6.5v3l-2.6.5-.8 1.8 1.5 2.2-2.1 2.1-2.2-1.5-1.8.8-.5 2.6h-3l-.5-2.6-1.8-.8L6 20.1 3.9 18l1.5-2.2-.8-1.8L2 13.5v-3l2.6-.5.8-1.8L3.9 6 6 3.9l2.2 1.5 1.8-.8zM12 8.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7z",
  pip: "M3 5h18v14H3zm2 2v10h14V7zm6.5 4.5H18V16h-6.500z",
  enterFull: "M4 4h6v2H6v4H4zM14 4h6v6h-2V6h-4zM4 14h2v4h4v2H4zM18 14h2v6h-6v-2h4z",
  leaveFull: "M8 4h2v6H4V8h4zM14 4h2v4h4v2h-6zM4 14h6v6H8v-4H4zM14 14h6v2h-4v4h-2z",
  airplay: "M3 4h18v13h-4v-2h2V6H5v9h2v2H3zM12 14l6 7H6z",
  remote: "M3 5h18v14h-7v-2h5V7H5v3H3zM3 12a7 7 0 0 1 7 7H8a5 5 0 0 0-5-5zM3 16a3 3 0 0 1 3 3H3z",
  theatre: "M2 6h20v12H2zm2 2v8h16V8z",
  close: "M6.4 5 5 6.4 10.6 12 5 17.6 6.4 19 12 13.4 17.6 19 19 17.6 13.4 12 19 6.4 17.6 5 12 10.6z",
  before: "M15 5 8 12l7 7 1.4-1.4L10.8 12l5.6-5.6z",
  onwards: "M9 5 7.6 6.4 13.2 12l-5.6 5.6L9 19l7-7z",
  chapters: "M4 5h2v2H4zM8 5h12v2H8zM4 11h2v2H4zM8 11h12v2H8zM4 17h2v2H4zM8 17h12v2H8z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="vb-icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} fillRule="evenodd" />
    </svg>
  );
}
