/**
 * Whatever the system prefers, in any engine: the rules of the page's style for this theme hold,
 * and nothing that moves is in its middle. Runs in the page.
 */
export function useTheme(theme) {
  // Once changed a rule does not tell any more that it is one of these.
  window.themesForTheTest ??= [...document.styleSheets]
    .flatMap(({ cssRules }) => [...cssRules])
    .filter((rule) => rule.conditionText?.includes("prefers-color-scheme: dark"));
  for (const { media } of window.themesForTheTest)
    media.mediaText = theme === "dark" ? "all" : "not all";
  document.documentElement.style.colorScheme = theme;
  for (const animation of document.getAnimations())
    if (animation.effect.getComputedTiming().endTime !== Infinity) animation.finish();
}
