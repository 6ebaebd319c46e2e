/// What every page has: a head, a look for light, dark and paper, and nothing from anywhere else.
enum PageFrame {
  static func html(title: String, body: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8"/>
    <meta name="viewport" content="width=device-width, initial-scale=1"/>
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
    <title>\(Markup.escaped(title))</title>
    <style>
    \(look)
    </style>
    </head>
    <body>
    <main>
    \(body)
    </main>
    </body>
    </html>

    """
  }

  /// A table; the first cell of a row is its name, figures stand on the right.
  static func table(_ head: [String], _ rows: [[String]], classes: [String] = []) -> String {
    var html = "<table>"
    if !head.isEmpty {
      html += "<thead><tr>" + head.map { "<th>\(Markup.escaped($0))</th>" }.joined() + "</tr></thead>"
    }
    html += "<tbody>\n"
    for (index, row) in rows.enumerated() {
      let kind = index < classes.count && !classes[index].isEmpty ? " class=\"\(classes[index])\"" : ""
      html += "<tr\(kind)>" + row.map { "<td>\(Markup.escaped($0))</td>" }.joined() + "</tr>\n"
    }
    return html + "</tbody></table>\n"
  }

  private static let look = """
    :root { color-scheme: light dark; --ground: #fcfcfb; --card: #fff; --ink: #1d2329; --dim: #66707a;
      --rule: #e3e6e8; --good: #1a7f4b; --bad: #c0322b; --mark: #8a5a00; --band: #f2c14e44;
      --c1: #2468b4; --c2: #d9780f; --c3: #1f9d76; --c4: #b8398f; --c5: #7a6ad8; --c6: #8c8c8c; }
    @media (prefers-color-scheme: dark) { :root { --ground: #14181c; --card: #1b2026; --ink: #e4e8ec; --dim: #97a1ab;
      --rule: #313940; --good: #4cc38a; --bad: #ff7b72; --mark: #e3b341; --band: #e3b34133;
      --c1: #6cb0ff; --c2: #f5a04a; --c3: #4fd1a5; --c4: #ee82c8; --c5: #a99cff; --c6: #9aa4ad; } }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
    main { max-width: 1040px; margin: 0 auto; padding: 28px 20px 60px; }
    h1 { font-size: 21px; margin: 0 0 4px; overflow-wrap: anywhere; }
    h2 { font-size: 16px; margin: 34px 0 8px; break-after: avoid; }
    p { margin: 4px 0; } .dim, .note { color: var(--dim); } .note { font-size: 13px; }
    .verdict { display: inline-block; padding: 2px 14px; border-radius: 6px; color: #fff; font-weight: 700;
      letter-spacing: .04em; margin-bottom: 10px; }
    .pass, .better { background: #1a7f4b; } .fail, .worse { background: #c0322b; } .same, .unknown { background: #5a6570; }
    .tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: 10px; margin: 18px 0; }
    .tile { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: 8px 12px; }
    .tile b { display: block; font-size: 20px; font-variant-numeric: tabular-nums; } .tile span { color: var(--dim);
      font-size: 13px; } .tile.bad b { color: var(--bad); }
    ul.verdicts { list-style: none; padding: 0; margin: 8px 0; } ul.verdicts li { padding: 1px 0; }
    li.yes::before { content: "\\2713\\00a0\\00a0"; color: var(--good); font-weight: 700; }
    li.no::before { content: "\\2717\\00a0\\00a0"; color: var(--bad); font-weight: 700; }
    figure { margin: 18px 0; padding: 12px 14px 8px; background: var(--card); border: 1px solid var(--rule);
      border-radius: 8px; break-inside: avoid; }
    figcaption { font-weight: 600; } .legend { margin: 0; font-size: 13px; color: var(--dim); }
    .key { margin-right: 16px; white-space: nowrap; } .key i { display: inline-block; width: 12px; height: 4px;
      border-radius: 2px; margin-right: 6px; vertical-align: middle; }
    svg { display: block; width: 100%; height: auto; }
    .grid { stroke: var(--rule); stroke-width: 1; fill: none; } .tick { fill: var(--dim); font-size: 12px; }
    .target { stroke: var(--dim); stroke-dasharray: 2 4; fill: none; }
    .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
    .dashed { stroke-dasharray: 5 4; } .strip { fill: transparent; } .strip:hover { fill: var(--band); }
    .mark { stroke: var(--mark); stroke-width: 1.2; fill: none; } .marked { fill: var(--mark); font-size: 12px; }
    .during { fill: var(--band); }
    .c1 { stroke: var(--c1); } .c2 { stroke: var(--c2); } .c3 { stroke: var(--c3); } .c4 { stroke: var(--c4); }
    .c5 { stroke: var(--c5); } .c6 { stroke: var(--c6); }
    .b1 { fill: var(--c1); background: var(--c1); } .b2 { fill: var(--c2); background: var(--c2); }
    .b3 { fill: var(--c3); background: var(--c3); } .b4 { fill: var(--c4); background: var(--c4); }
    .b5 { fill: var(--c5); background: var(--c5); } .b6 { fill: var(--c6); background: var(--c6); }
    table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; break-inside: avoid; }
    th, td { text-align: right; padding: 4px 10px; border-bottom: 1px solid var(--rule); font-weight: 400; }
    th { color: var(--dim); font-size: 13px; } th:first-child, td:first-child { text-align: left; }
    table.facts td { text-align: left; overflow-wrap: anywhere; } table.facts td:first-child { color: var(--dim);
      white-space: nowrap; width: 1%; }
    tr.isworse td:last-child { color: var(--bad); font-weight: 600; } tr.isbetter td:last-child { color: var(--good);
      font-weight: 600; }
    @media (max-width: 600px) { .tiles { grid-template-columns: repeat(2, 1fr); } }
    @media print { :root { color-scheme: light; --ground: #fff; --card: #fff; --ink: #000; --dim: #555; --rule: #ccc;
      --good: #1a7f4b; --bad: #c0322b; --mark: #8a5a00; --band: #f2c14e55; --c1: #2468b4; --c2: #d9780f;
      --c3: #1f9d76; --c4: #b8398f; --c5: #7a6ad8; --c6: #8c8c8c; }
      main { max-width: none; padding: 0; } body { font-size: 12px; } figure { padding: 6px 8px; }
      .verdict, .b1, .b2, .b3, .b4, .b5, .b6 { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
    """
}
