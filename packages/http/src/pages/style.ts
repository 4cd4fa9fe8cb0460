// The style of the pages: the reader's own fonts, light or dark as the reader's system is, one column that bears any zoom.

export const style = `:root {
  color-scheme: light dark;
  --text: light-dark(#1c2024, #e8eaed);
  --soft: light-dark(#545c65, #a3acb6);
  --line: light-dark(#7d8691, #78828d);
  --edge: light-dark(#e1e5ea, #2b3138);
  --page: light-dark(#f4f6f8, #121518);
  --card: light-dark(#ffffff, #1a1e22);
  --field: light-dark(#ffffff, #121518);
  --link: light-dark(#0b5cad, #7ab7f5);
  --on-link: light-dark(#ffffff, #0d1a27);
  --wrong: light-dark(#b3261e, #ff9d94);
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; padding: 3rem 1rem; color: var(--text); background: var(--page); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
header, main { width: 100%; max-width: 26rem; margin: 0 auto; }
header p { margin: 0 0 1rem; font-weight: 650; text-align: center; }
main { padding: 2rem; background: var(--card); border: 1px solid var(--edge); border-radius: 12px; }
h1 { margin: 0 0 1.25rem; font-size: 1.5rem; line-height: 1.25; }
h2 { margin: 1.5rem 0 0.5rem; font-size: 1rem; }
p { margin: 0 0 1rem; }
main > :last-child, form > :last-child { margin-bottom: 0; }
a { color: var(--link); }
form { margin: 0 0 1.25rem; }
form + form { margin-top: -0.5rem; }
.field { margin-bottom: 1.25rem; }
label { display: block; font-weight: 600; }
.hint { color: var(--soft); font-size: 0.9rem; }
.field > p { margin: 0.125rem 0 0; }
.error { color: var(--wrong); font-weight: 550; }
.error::before { content: '! '; content: '! ' / ''; font-weight: 700; }
input { display: block; width: 100%; min-height: 2.75rem; margin-top: 0.375rem; padding: 0.5rem 0.75rem; color: inherit; background: var(--field); border: 1px solid var(--line); border-radius: 8px; font: inherit; }
input[aria-invalid] { border: 2px solid var(--wrong); }
button { display: block; width: 100%; min-height: 2.75rem; padding: 0.5rem 1rem; color: var(--on-link); background: var(--link); border: 1px solid transparent; border-radius: 8px; font: inherit; font-weight: 600; cursor: pointer; transition: filter 0.15s; }
button:hover { filter: brightness(1.1); }
button.second, .choices button { color: var(--text); background: transparent; border-color: var(--line); }
button.second { font-weight: 500; }
button.show { width: auto; min-height: 2rem; margin-top: 0.25rem; padding: 0.125rem 0.25rem; color: var(--link); background: none; border: 0; font-size: 0.9rem; font-weight: 500; text-decoration: underline; }
.choices { list-style: none; margin: 0 0 1.25rem; padding: 0; }
.choices form { margin-bottom: 0.5rem; }
.choices button { padding: 0.75rem 1rem; font-weight: 400; text-align: left; }
code { font: 0.875em/1.5 ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, monospace; }
[hidden] { display: none; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
[role='alert']:focus-visible { outline: 0; }
@media (max-width: 30rem) {
  body { padding: 1rem 0.5rem; }
  main { padding: 1.25rem 1rem; }
}
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
@media (forced-colors: active) { button { border-color: ButtonBorder; } }
`
