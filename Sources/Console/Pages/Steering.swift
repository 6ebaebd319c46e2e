import FleetState
import TextUI

/// What keys mean to the shown page: they change the view, or want something that has to be asked for.
extension View {
  enum Steered: Equatable {
    /// The key means nothing here.
    case not
    case done
    /// A closer look at what only Redis knows.
    case inspect(SocketLine)
    case inspectTask(TaskRecord)
  }

  mutating func steer(_ key: Key, size: Size) -> Steered {
    if inspection != nil {
      if key != .escape && key != .enter { return .not }
      inspection = nil
      return .done
    }
    let area = Screen.pageArea(size)
    if case .mouse(let x, let y, .click) = key { return click(x, y, size, area) }
    switch page {
    case .overview, .restart: return .not
    case .help: return scroll(key, area)
    case .workers: return choose(key)
    case .traffic:
      if key == .enter {
        inspection = traffic.inspection
        return .done
      }
      return traffic.take(key, height: TrafficPage.Layout(area).list.height) ? .done : .not
    case .timeline:
      if key == .enter {
        inspection = chronicle.inspection
        return .done
      }
      return chronicle.take(key, height: TimelinePage.Layout(area).list.height + 1) ? .done : .not
    case .sockets:
      let layout = SocketsPage.Layout(area)
      if key == .enter, !sockets.isTyping, let line = sockets.selected { return .inspect(line) }
      return sockets.take(key, height: layout.list.height) ? .done : .not
    case .tasks:
      if key == .enter, let task = tasks.selected { return .inspectTask(task) }
      return tasks.take(key, height: TasksPage.Layout(area).table.list.height) ? .done : .not
    }
  }

  private mutating func scroll(_ key: Key, _ area: Rect) -> Steered {
    var scroll = Selection<Int>()
    let count = HelpPage.lastTop(height: area.height) + 1
    scroll.choose(helpTop, of: count) { $0 }
    guard let top = scroll.target(of: key, count: count, height: area.height - 2) else { return .not }
    helpTop = max(0, min(top, count - 1))
    return .done
  }

  private mutating func choose(_ key: Key) -> Steered {
    let count = snapshot?.workers ?? 0
    var choice = Selection<Int>()
    choice.choose(selected, of: count) { $0 }
    guard let row = choice.target(of: key, count: count, height: 10) else { return .not }
    selected = max(0, min(row, count - 1))
    return .done
  }

  private mutating func click(_ x: Int, _ y: Int, _ size: Size, _ area: Rect) -> Steered {
    if y == 0 {
      guard let page = Screen.tabs(self, width: size.width).page(at: x) else { return .not }
      self.page = page
      return .done
    }
    switch page {
    case .workers:
      let row = y - area.y - 2
      guard row >= 0, row < snapshot?.workers ?? 0 else { return .not }
      selected = row
    case .sockets:
      let layout = SocketsPage.Layout(area)
      guard let row = layout.row(at: y, of: sockets.shown.count, around: sockets.row) else { return .not }
      sockets.choose(row)
    case .tasks:
      let layout = TasksPage.Layout(area).table
      guard let row = layout.row(at: y, of: tasks.records.count, around: tasks.row) else { return .not }
      tasks.choose(row)
    case .overview, .restart, .traffic, .timeline, .help: return .not
    }
    return .done
  }
}
