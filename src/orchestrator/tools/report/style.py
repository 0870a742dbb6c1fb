"""The looks of a report's page: readable on a telephone, on paper, by day and by night; no script, nothing loaded."""

from typing import Final

CSS: Final = """\
:root{color-scheme:light dark;--paper:#fdfdfc;--card:#fff;--ink:#1d2025;--soft:#5d646f;--faint:#8b929d;--line:#e4e5e8;
--tint:#f4f5f7;--accent:#2b5fc4;--s0:#3568cf;--s1:#d9803b;--s2:#2f9483}
@media(prefers-color-scheme:dark){:root{--paper:#14161a;--card:#1b1e23;--ink:#e6e8ec;--soft:#a4abb6;--faint:#7d848f;
--line:#2d3138;--tint:#20242a;--accent:#8ab0ff;--s0:#6e9cf5;--s1:#e29a5c;--s2:#4fb8a5}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:1.5rem}
body{margin:0;background:var(--paper);color:var(--ink);font:17px/1.65 ui-sans-serif,system-ui,-apple-system,"Segoe UI",
Roboto,"Helvetica Neue","Noto Sans",sans-serif;overflow-wrap:break-word}
.page{max-width:74rem;margin:0 auto;padding:4.5rem 1.5rem 5rem;display:grid;justify-content:center;
grid-template-columns:minmax(0,46rem)}
h1,h2,h3,h4,h5,h6{line-height:1.25;text-wrap:balance;margin:2.4em 0 .7em}
h1{font-size:2.5rem;font-weight:720;letter-spacing:-.024em;line-height:1.12;margin:0 0 2.2rem;padding-bottom:1.5rem;
border-bottom:1px solid var(--line)}
h2{font-size:1.5rem;font-weight:660;letter-spacing:-.014em}
h3{font-size:1.17rem;font-weight:640}
h4,h5,h6{font-size:1rem;font-weight:640;color:var(--soft)}
h1+h2,h2+h3,h3+h4{margin-top:1em}
p,ul,ol,blockquote,pre,dl,figure,.wide{margin:0 0 1.15em}
a{color:var(--accent);text-decoration-thickness:1px;text-underline-offset:.18em}
ul,ol{padding-left:1.5em}
li{margin:.3em 0}
li>p{margin-bottom:.5em}
li::marker{color:var(--faint)}
blockquote{margin-left:0;padding:.1em 0 .1em 1.2em;border-left:3px solid var(--line);color:var(--soft)}
blockquote>:last-child,li>:last-child{margin-bottom:0}
code,pre{font-family:ui-monospace,"SF Mono",SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
code{font-size:.875em;background:var(--tint);border-radius:4px;padding:.12em .35em}
pre{font-size:.84rem;line-height:1.6;background:var(--tint);border:1px solid var(--line);border-radius:8px;
padding:1em 1.2em;overflow-x:auto}
pre code{font-size:inherit;background:none;padding:0}
hr{border:0;border-top:1px solid var(--line);margin:2.5em 0}
.wide{overflow-x:auto;border:1px solid var(--line);border-radius:10px;background:var(--card)}
table{border-collapse:collapse;width:100%;font-size:.9rem;line-height:1.45;font-variant-numeric:tabular-nums}
th,td{padding:.55rem .95rem;text-align:left;vertical-align:top;border-top:1px solid var(--line)}
thead th{border-top:0;background:var(--tint);color:var(--soft);font-weight:600;font-size:.8rem;white-space:nowrap}
td.n,th.n{text-align:right}
td.n{white-space:nowrap}
dl{display:grid;grid-template-columns:minmax(6rem,max-content) minmax(0,1fr);font-size:.92rem;line-height:1.5;
row-gap:.35em;column-gap:1.5em;padding:.9em 1.2em;background:var(--tint);border-radius:10px}
dl div{display:contents}
dl.few{display:flex;flex-wrap:wrap;gap:.5em;padding:0;background:none}
.few div{display:flex;gap:.6em;padding:.2em .8em;background:var(--tint);border-radius:99px;font-size:.85rem}
dt{color:var(--soft)}
dd{margin:0;font-variant-numeric:tabular-nums}
details{margin:0 0 1.15em;border:1px solid var(--line);border-radius:10px;padding:0 1.2em;font-size:.92rem}
summary{cursor:pointer;color:var(--soft);font-weight:600;padding:.6em 0}
summary:hover{color:var(--accent)}
details[open]>summary{border-bottom:1px solid var(--line);margin-bottom:1em}
figure{padding:1.1em 1.2em 1em;border:1px solid var(--line);border-radius:10px;background:var(--card)}
figcaption{font-weight:640;font-size:.95rem;margin-bottom:.8em}
.key{display:flex;flex-wrap:wrap;gap:.3em 1.3em;font-size:.83rem;color:var(--soft);margin:0 0 .8em;padding:0;
list-style:none}
.key li{margin:0;display:flex;align-items:center;gap:.5em}
.key i{width:.75em;height:.75em;border-radius:3px}
svg{display:block;width:100%;height:auto;overflow:visible}
svg text{font-size:12.5px;fill:var(--soft);dominant-baseline:middle;font-variant-numeric:tabular-nums}
svg .label{text-anchor:end;fill:var(--ink)}
svg .mark{text-anchor:middle;fill:var(--faint);font-size:11.5px}
svg .grid{stroke:var(--line);stroke-width:1}
svg .axis{stroke:var(--faint);stroke-width:1}
.s0{fill:var(--s0);stroke:var(--s0);background:var(--s0)}
.s1{fill:var(--s1);stroke:var(--s1);background:var(--s1)}
.s2{fill:var(--s2);stroke:var(--s2);background:var(--s2)}
svg path[d]{stroke:none}
svg polyline[points]{fill:none;stroke-width:2.2;stroke-linejoin:round;stroke-linecap:round}
svg circle[r]{stroke:var(--card);stroke-width:1.5}
nav{font-size:.87rem;line-height:1.45}
nav strong{color:var(--faint);font-size:.75rem;font-weight:640;letter-spacing:.05em;text-transform:uppercase}
nav ol{list-style:none;padding:0;margin:.7em 0 0}
nav a{display:block;padding:.28em 0;color:var(--soft);text-decoration:none}
nav a:hover{color:var(--accent)}
nav{margin:0 0 2.5rem;padding:1.1em 1.3em;background:var(--tint);border-radius:10px}
@media(min-width:68rem){.page.has-nav{grid-template-columns:minmax(0,46rem) 15rem;column-gap:4rem}
.has-nav nav{grid-column:2;grid-row:1/span 2;position:sticky;top:2.5rem;align-self:start;max-height:calc(100vh - 5rem);
overflow-y:auto;background:none;padding:0 0 0 1.3em;border-left:1px solid var(--line);border-radius:0}
.has-nav main{grid-column:1}}
@media(max-width:40rem){body{font-size:16px}.page{padding:2.2rem 1.1rem 3rem}h1{font-size:1.9rem}
dl{grid-template-columns:1fr;row-gap:0}dl:not(.few) dd{margin-bottom:.5em}}
@media print{:root{--paper:#fff;--card:#fff;--tint:#f6f6f6}body{font-size:10.5pt}.page{padding:0;display:block}
nav{display:none}figure,pre,dl,tr{break-inside:avoid}h1,h2,h3,h4{break-after:avoid}a{color:inherit}}
"""
