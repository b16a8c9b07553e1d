// One chunk for what is opened: menus, the list of keys, statistics, caption styles.
export { HelpDialog } from "./HelpDialog";
export { MenuPanel } from "./MenuPanel";
export { Stats } from "./Stats";
