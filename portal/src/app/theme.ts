// SPDX-License-Identifier: Apache-2.0
// Fluent's themes in Garrison's own colours.
import { createDarkTheme, createLightTheme, type BrandVariants, type Theme } from "@fluentui/react-components";

const brand: BrandVariants = {
  10: "#01161d", 20: "#062630", 30: "#093442", 40: "#0b4354", 50: "#0d5267", 60: "#0f607a", 70: "#116e8b", 80: "#127a99",
  90: "#2c8cab", 100: "#459dba", 110: "#5eaec8", 120: "#78bfd5", 130: "#92cfe1", 140: "#acdeeb", 150: "#c7ecf4", 160: "#e3f8fc",
};
const fonts = {
  fontFamilyBase: '"Segoe UI", "Inter", system-ui, -apple-system, "Helvetica Neue", Roboto, "Noto Sans", Arial, sans-serif',
  fontFamilyMonospace: '"Cascadia Code", "JetBrains Mono", ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
};

export const lightTheme: Theme = {
  ...createLightTheme(brand),
  ...fonts,
  colorNeutralBackground2: "#f5f6f8",
  colorNeutralBackground3: "#eceef2",
  colorNeutralStroke2: "#e1e4e9",
};
export const darkTheme: Theme = {
  ...createDarkTheme(brand),
  ...fonts,
  colorBrandForeground1: brand[120],
  colorBrandForegroundLink: brand[120],
  colorBrandForegroundLinkHover: brand[130],
  colorBrandStroke1: brand[100],
  colorCompoundBrandForeground1: brand[110],
  colorCompoundBrandStroke: brand[110],
  colorNeutralForeground2: "#cdd3db",
  colorNeutralForeground3: "#9fa8b4",
  colorNeutralBackground1: "#1c2027",
  colorNeutralBackground1Hover: "#262b34",
  colorNeutralBackground1Pressed: "#181b21",
  colorNeutralBackground1Selected: "#29303a",
  colorNeutralBackground2: "#14171c",
  colorNeutralBackground3: "#0f1216",
  colorNeutralBackground4: "#0c0e12",
  colorSubtleBackgroundHover: "#272d37",
  colorSubtleBackgroundSelected: "#262d37",
  colorNeutralStroke1: "#424a56",
  colorNeutralStroke2: "#2e343e",
  colorNeutralStroke3: "#262b34",
};
