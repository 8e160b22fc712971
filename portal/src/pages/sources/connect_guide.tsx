// SPDX-License-Identifier: Apache-2.0
// How a first source is connected; shown wherever there is nothing to show yet.
import { Link } from "react-router";
import { Card } from "@/parts/page";
import { text } from "@/text";
import { CopyBlock } from "@/parts/copy_block";

export function ConnectGuide({ workspace }: { workspace: string }) {
  const http = [
    `curl -X POST '${window.location.origin}/dataCollectionRules/dcr-${workspace}/streams/Custom-SecurityEvent?api-version=2023-01-01' \\`,
    `  -H 'Authorization: Bearer grs_...' -H 'Content-Type: application/json' \\`,
    `  -d '[{"TimeGenerated":"${new Date().toISOString()}","EventID":4625,"Computer":"host1"}]'`,
  ].join("\n");
  return (
    <Card title={text.connect.title} className="connect">
      <p className="quiet">{text.connect.lead}</p>
      <div className="connect-ways">
        <section>
          <h3>{text.connect.file}</h3>
          <CopyBlock content={`garrison ingest --workspace ${workspace} --table SecurityEvent events.json.gz`} />
        </section>
        <section>
          <h3>{text.connect.http}</h3>
          <CopyBlock content={http} />
          <p className="quiet small">
            {text.connect.token} <Link to="/settings/tokens">{text.settings.tokens}</Link>
          </p>
        </section>
      </div>
    </Card>
  );
}
