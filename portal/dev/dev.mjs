// SPDX-License-Identifier: Apache-2.0
// `npm run dev`: Vite with hot reload over the mock server, or over a real one given by GARRISON_URL.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const start = (args) => spawn(process.execPath, args, { stdio: "inherit", cwd: fileURLToPath(new URL("..", import.meta.url)) });
const children = [start(["node_modules/vite/bin/vite.js"])];
if (!process.env.GARRISON_URL) children.push(start(["dev/mock_server.mjs"]));
for (const child of children) child.on("exit", () => children.forEach((other) => other.kill()));
