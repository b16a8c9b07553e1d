/** The part of Plotly.js that the strips use. */
declare module "plotly.js-basic-dist-min" {
  interface Plotly {
    react(node: HTMLElement, data: object[], layout: object, config?: object): Promise<unknown>;
    downloadImage(figure: { data: object[]; layout: object }, options: object): Promise<string>;
    purge(node: HTMLElement): void;
  }
  const plotly: Plotly;
  export default plotly;
}
