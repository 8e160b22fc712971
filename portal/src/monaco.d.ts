// SPDX-License-Identifier: Apache-2.0
// Parts of Monaco that carry no types of their own.
declare module "monaco-editor/esm/vs/editor/edcore.main";
