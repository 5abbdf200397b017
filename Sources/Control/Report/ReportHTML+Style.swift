extension ReportHTML {
  /// The page's style sheet. Colours are variables with a light and a dark set; the eight line colours of each keep
  /// their distance for readers with any of the common colour deficiencies.
  package static let style = colours + layout + tables + figures

  private static let lightColours = """
    --page: #f4f6f9; --card: #ffffff; --ink: #17202b; --soft: #55616f; --rule: #dde3ea; --grid: #e8edf2;
    --accent: #0b62b8; --track: #e9eef4; --good: #0a7150; --bad: #b3261e; --good-back: #e3f4ee;
    --bad-back: #fdecea; --note-back: #fff6e0; --note: #7a5200; --shadow: 0 1px 2px rgba(20, 30, 45, .06);
    --c0: #0b6bcb; --c1: #a87900; --c2: #b0418f; --c3: #d1570c; --c4: #2698bd; --c5: #6a4cc4; --c6: #0c8a63;
    --c7: #5d6875;
    """

  private static let darkColours = """
    --page: #0e1319; --card: #171e27; --ink: #e8edf3; --soft: #9fadbc; --rule: #2a3542; --grid: #232d39;
    --accent: #6db4ff; --track: #263140; --good: #4fd1a1; --bad: #ff8a80; --good-back: #12352b;
    --bad-back: #42201f; --note-back: #3a2f12; --note: #f3cf7a; --shadow: none;
    --c0: #5fb0ff; --c1: #edc14b; --c2: #f08fd3; --c3: #ff9557; --c4: #86dcf7; --c5: #ac9aff; --c6: #3fd0a0;
    --c7: #aab6c3;
    """

  private static let colours = """
    :root { color-scheme: light; \(lightColours) }
    @media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) { color-scheme: dark; \(darkColours) } }
    :root[data-theme="dark"] { color-scheme: dark; \(darkColours) }

    """

  private static let layout = """
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI",
      Roboto, "Helvetica Neue", "Noto Sans", "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums; }
    header, main, footer { max-width: 1280px; margin: 0 auto; padding: 0 24px; }
    header { display: flex; justify-content: space-between; align-items: flex-start; gap: 24px; padding-top: 32px; }
    footer { color: var(--soft); font-size: 13px; padding-bottom: 40px; }
    .brand { margin: 0; color: var(--accent); font-size: 12px; font-weight: 700; letter-spacing: .12em;
      text-transform: uppercase; }
    h1 { margin: 2px 0 6px; font-size: 34px; line-height: 1.15; letter-spacing: -.02em; overflow-wrap: anywhere; }
    h2 { margin: 0; font-size: 17px; letter-spacing: -.005em; }
    .facts { display: flex; flex-wrap: wrap; gap: 2px 20px; margin: 0 0 20px; padding: 0; list-style: none;
      color: var(--soft); font-size: 14px; overflow: hidden; }
    .facts li { position: relative; }
    .facts li::before { content: "\\00b7"; position: absolute; left: -12px; }
    .card { background: var(--card); border: 1px solid var(--rule); border-radius: 12px; padding: 18px 20px;
      margin: 0 0 16px; box-shadow: var(--shadow); min-width: 0; }
    .hint { color: var(--soft); font-size: 13px; margin: 0; font-weight: 400; }
    button, select { font: inherit; font-size: 13px; color: var(--ink); background: var(--card); cursor: pointer;
      border: 1px solid var(--rule); border-radius: 8px; padding: 5px 11px; }
    button:hover, select:hover { border-color: var(--accent); }
    :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
    .alert { border-radius: 12px; padding: 12px 20px; margin: 0 0 16px; border-left: 5px solid; }
    .alert h2 { font-size: 15px; }
    .alert ul { margin: 4px 0 0; padding-left: 18px; color: var(--ink); overflow-wrap: anywhere; }
    .error { background: var(--bad-back); color: var(--bad); border-color: var(--bad); }
    .notice { background: var(--note-back); color: var(--note); border-color: var(--note); }
    .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(168px, 1fr)); gap: 12px; margin-bottom:
      16px; }
    .tile { margin: 0; padding: 14px 16px; }
    .tile h2 { color: var(--soft); font-size: 13px; font-weight: 500; }
    .tile .value { margin: 2px 0 0; font-size: 25px; font-weight: 650; line-height: 1.25; letter-spacing: -.02em;
      white-space: nowrap; }
    .tile.long .value { font-size: 19px; line-height: 1.65; }
    .tile .note { margin: 0; color: var(--soft); font-size: 13px; overflow-wrap: anywhere; }
    .tile.bad .value { color: var(--bad); }
    .tile.good .value { color: var(--good); }
    .conservation { display: grid; grid-template-columns: auto 1fr; column-gap: 14px; align-items: baseline; }
    .conservation .stack, .conservation .sum { grid-column: 1 / -1; }
    .verdict { font-weight: 600; font-size: 13px; justify-self: end; border-radius: 99px; padding: 3px 12px; }
    .verdict.good { color: var(--good); background: var(--good-back); }
    .verdict.bad { color: var(--bad); background: var(--bad-back); }
    .stack { display: flex; height: 12px; gap: 2px; margin-top: 12px; border-radius: 4px; overflow: hidden;
      background: var(--track); }
    .stack i { flex-basis: 0; min-width: 2px; }
    .sum { margin: 4px 0 0; font-size: 14px; color: var(--soft); }
    .sum span { white-space: nowrap; }
    .sum span i { display: inline-block; width: 9px; height: 9px; border-radius: 2px; margin-right: 6px; }
    .sum b { margin: 0 6px; font-weight: 400; }
    .sum strong { color: var(--ink); }
    .p0, .p3 { background: var(--c0); } .p1, .p5 { background: var(--c1); } .p2 { background: var(--c5); }
    .p4 { background: var(--bad); } .gap { background: repeating-linear-gradient(45deg, var(--bad) 0 3px,
      transparent 3px 7px); }
    @media (max-width: 640px) {
      header, main, footer { padding-left: 14px; padding-right: 14px; }
      .card { padding: 14px; }
      .toolbar .hint { display: none; }
    }
    @media print { .toolbar, #theme, .legend { display: none; } .card { break-inside: avoid; box-shadow: none; } }

    """

  private static let tables = """
    .scroll { overflow-x: auto; margin: 8px -6px 0; padding: 0 6px; }
    table { border-collapse: collapse; width: 100%; font-size: 14px; }
    caption { text-align: left; font-weight: 600; padding: 12px 0 4px; overflow-wrap: anywhere; }
    th, td { padding: 6px 10px; text-align: left; border-bottom: 1px solid var(--grid); white-space: nowrap; }
    th:first-child, td:first-child { padding-left: 0; }
    th:last-child, td:last-child { padding-right: 0; }
    thead th { color: var(--soft); font-size: 12.5px; font-weight: 500; border-bottom-color: var(--rule); }
    tbody th { font-weight: 600; max-width: 16em; overflow: hidden; text-overflow: ellipsis; }
    tbody tr:hover { background: color-mix(in srgb, var(--accent) 5%, transparent); }
    .num { text-align: right; }
    td.where { white-space: normal; color: var(--soft); }
    td.where span { display: inline-block; margin-right: 14px; white-space: nowrap; }
    td.where b { color: var(--ink); font-weight: 500; }
    th button { all: unset; cursor: pointer; }
    th button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
    th[aria-sort="descending"] button::after { content: " \\2193"; }
    th[aria-sort="ascending"] button::after { content: " \\2191"; }
    .bar { width: 32%; min-width: 140px; }
    .track { position: relative; height: 14px; border-radius: 3px; background: var(--track); }
    .track i { position: absolute; inset: 0 auto 0 0; border-radius: 3px; background: var(--c0); min-width: 1px; }
    .track b { position: absolute; top: -3px; bottom: -3px; width: 3px; margin-left: -1.5px; border-radius: 2px;
      background: var(--ink); box-shadow: 0 0 0 1.5px var(--card); }
    .track.drop i { background: var(--bad); }
    .split { display: flex; height: 14px; gap: 1px; border-radius: 3px; overflow: hidden; background: var(--track); }
    .split i { flex: none; }
    .part { display: inline-block; width: 9px; height: 9px; border-radius: 2px; margin-right: 6px; }
    .pause-part { background: var(--c3); } .queueing-part { background: var(--c0); }
    .serialisation-part { background: var(--c6); }
    .meter { display: inline-block; width: 56px; height: 6px; border-radius: 3px; background: var(--track);
      margin-right: 10px; vertical-align: 1px; overflow: hidden; }
    .meter i { display: block; height: 100%; background: var(--c0); }

    """

  private static let figures = """
    .toolbar { display: flex; flex-wrap: wrap; align-items: center; gap: 10px; margin: 24px 0 12px; position: sticky;
      top: 0; z-index: 2; background: var(--page); padding: 8px 0; }
    .toolbar label { font-weight: 600; }
    #port { max-width: 20em; }
    .toolbar .hint { margin-left: auto; }
    figcaption { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 12px; margin-bottom: 6px; }
    .switch { margin-left: auto; display: flex; }
    .switch button { border-radius: 0; margin-left: -1px; }
    .switch button:first-child { border-radius: 8px 0 0 8px; }
    .switch button:last-child { border-radius: 0 8px 8px 0; }
    .switch button[aria-pressed="true"] { background: var(--accent); border-color: var(--accent); color: var(--card); }
    .canvas { position: relative; height: 270px; touch-action: pan-y; user-select: none; }
    #latency .canvas { height: 350px; }
    .canvas.blank, #latency .canvas.blank { height: 84px; }
    .canvas svg { display: block; width: 100%; overflow: visible; }
    .canvas text { fill: var(--soft); font-size: 12px; }
    .canvas .label { paint-order: stroke; stroke: var(--card); stroke-width: 5px; fill: var(--ink); }
    .grid { stroke: var(--grid); stroke-width: 1; }
    .axis { stroke: var(--rule); stroke-width: 1; }
    .limit { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 5 4; }
    .line { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
    .area { stroke: none; opacity: .13; }
    .bound { fill: none; stroke-width: 1.2; stroke-dasharray: 1.5 3; opacity: .9; }
    .mark.stop { fill: var(--bad); } .mark.go { fill: var(--good); } .mark.storm { fill: var(--c5); }
    .cross { stroke: var(--soft); stroke-width: 1; pointer-events: none; }
    .dot { stroke: var(--card); stroke-width: 1.5; }
    .band { fill: var(--accent); opacity: .15; }
    .empty { position: absolute; inset: 0; display: grid; place-items: center; color: var(--soft); }
    .tip { position: absolute; top: 8px; pointer-events: none; z-index: 1; background: var(--card); font-size: 13px;
      border: 1px solid var(--rule); border-radius: 8px; padding: 8px 11px; box-shadow: 0 4px 16px rgba(10, 20, 35,
      .18); }
    .tip p { margin: 0 0 4px; color: var(--soft); white-space: nowrap; }
    .tip .moment { margin: 4px 0 0; color: var(--ink); white-space: normal; width: max-content; max-width: 26em; }
    .tip div { display: flex; gap: 8px; align-items: center; white-space: nowrap; }
    .tip span { max-width: 16em; overflow: hidden; text-overflow: ellipsis; }
    .tip b { margin-left: auto; padding-left: 14px; font-weight: 600; }
    .swatch { flex: none; width: 12px; height: 4px; border-radius: 2px; }
    .legend { display: flex; flex-wrap: wrap; gap: 6px; margin-top: 12px; max-height: 230px; overflow-y: auto;
      padding: 2px; }
    .legend button { display: inline-flex; align-items: center; gap: 7px; border-radius: 99px; padding: 3px 11px;
      max-width: 24em; }
    .legend button span:not(.swatch) { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    .legend small { color: var(--soft); font-size: 12px; white-space: nowrap; }
    .legend button[aria-pressed="false"] { color: var(--soft); background: transparent; border-style: dashed; }
    .legend button[aria-pressed="false"] .swatch { background: var(--rule) !important; }
    .legend .control { border-color: transparent !important; color: var(--accent) !important; padding: 3px 8px; }
    .legend.expanded .control { order: -1; }
    .legend .control:hover { border-color: var(--accent) !important; }
    """
}
