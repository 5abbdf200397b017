extension ReportHTML {
  /// The part of a page's script that changes between light and dark.
  package static let themeScript = #"""
    function startTheme() {
      const button = document.getElementById("theme"), root = document.documentElement;
      const system = matchMedia("(prefers-color-scheme: dark)");
      const isDark = () => root.dataset.theme ? root.dataset.theme === "dark" : system.matches;
      const label = () => { button.textContent = isDark() ? "Light" : "Dark"; };
      button.addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; label(); });
      system.addEventListener("change", label);
      button.hidden = false;
      label();
    }
    """#
}
