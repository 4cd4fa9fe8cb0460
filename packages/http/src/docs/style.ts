// The style of the pages: the reader's own fonts, light or dark as the reader's system is.

export const style = `:root {
  color-scheme: light dark;
  --text: light-dark(#1c2024, #e6e8eb);
  --soft: light-dark(#5c646d, #9aa3ad);
  --line: light-dark(#dfe3e8, #2d333a);
  --page: light-dark(#ffffff, #14171a);
  --side: light-dark(#f6f7f9, #1a1e22);
  --link: light-dark(#0b5cad, #7ab7f5);
  --get: light-dark(#0b6b3a, #6fd19a);
  --post: light-dark(#8a4b00, #f0b35e);
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; color: var(--text); background: var(--page); font: 16px/1.55 system-ui, sans-serif; display: flex; align-items: flex-start; }
nav { position: sticky; top: 0; flex: 0 0 17rem; height: 100vh; overflow-y: auto; padding: 1.5rem; background: var(--side); border-right: 1px solid var(--line); font-size: 0.9rem; }
nav h2 { font-size: 0.75rem; letter-spacing: 0.06em; text-transform: uppercase; color: var(--soft); margin: 1.25rem 0 0.25rem; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li { display: flex; justify-content: space-between; gap: 0.5rem; padding: 0.15rem 0; }
.name { font-weight: 650; font-size: 1.1rem; margin: 0; }
main { flex: 1 1 auto; min-width: 0; max-width: 62rem; padding: 2rem 2.5rem 6rem; }
main.alone { margin: 0 auto; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0 0 1rem; }
main h2 { margin: 3rem 0 0; padding-bottom: 0.3rem; border-bottom: 1px solid var(--line); }
h3 { margin: 2.5rem 0 0.5rem; font-size: 1.2rem; }
a { color: var(--link); }
code, pre { font: 0.875em/1.5 ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, monospace; }
pre { padding: 0.75rem 1rem; background: var(--side); border: 1px solid var(--line); border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; }
.kind, .who { color: var(--soft); font-size: 0.8rem; font-weight: 450; }
.who::before { content: '· '; }
.route { margin: 0.25rem 0; overflow-wrap: anywhere; }
.route b { display: inline-block; min-width: 4rem; color: var(--post); font-size: 0.85rem; }
.route b.GET { color: var(--get); }
.none { color: var(--soft); }
table { width: 100%; border-collapse: collapse; margin: 0.75rem 0; font-size: 0.9rem; }
caption { text-align: left; color: var(--soft); font-size: 0.8rem; padding-bottom: 0.25rem; }
th { text-align: left; font-weight: 550; color: var(--soft); font-size: 0.8rem; }
th, td { padding: 0.35rem 0.75rem 0.35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
td:first-child, td.required { white-space: nowrap; }
tr:target td { background: light-dark(#fff3c4, #3a3312); }
summary { cursor: pointer; color: var(--soft); font-size: 0.9rem; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
@media (max-width: 48rem) {
  body { display: block; }
  nav { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--line); }
  main { padding: 1.5rem 1rem 4rem; }
}
`
