// SPDX-License-Identifier: Apache-2.0
import { Button } from "@fluentui/react-components";
import { CheckmarkRegular, CopyRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { text } from "@/text";
import { copyText } from "./copy_text";

export function CopyButton({ content, label = text.copy.action }: { content: string; label?: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await copyText(content);
    setCopied(true);
    window.setTimeout(() => setCopied(false), 1500);
  };
  return <Button size="small" appearance="subtle" icon={copied ? <CheckmarkRegular /> : <CopyRegular />} aria-label={copied ? text.copy.done : label} onClick={() => void copy()} />;
}

export function CopyBlock({ content }: { content: string }) {
  return (
    <div className="copy-block">
      <pre tabIndex={0}>{content}</pre>
      <CopyButton content={content} />
    </div>
  );
}
