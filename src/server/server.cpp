// SPDX-License-Identifier: Apache-2.0
#include "server/server.h"

#include <fmt/format.h>

#include <charconv>
#include <set>

#include "api/access_routes.h"
#include "api/application.h"
#include "api/incident_routes.h"
#include "api/ingest_routes.h"
#include "api/live_events.h"
#include "api/overview_routes.h"
#include "api/query_routes.h"
#include "api/route_list.h"
#include "api/rule_routes.h"
#include "api/server_routes.h"
#include "api/session_routes.h"
#include "base/log.h"
#include "base/mutex.h"
#include "detect/rule_service.h"
#include "engine/engine_supervisor.h"
#include "engine/http_engine.h"
#include "identity/identity.h"
#include "incident/incident_service.h"
#include "ingest/ingest_log.h"
#include "ingest/receiver.h"
#include "ingest/source_counters.h"
#include "ingest/table_writer.h"
#include "jobs/scheduler.h"
#include "net/certificates.h"
#include "net/http_server.h"
#include "server/background.h"
#include "server/incident_sink.h"
#include "server/live_projection.h"
#include "server/local_client.h"
#include "server/query_adapter.h"
#include "server/shipped_rules.h"
#include "server/table_projection.h"
#include "server/unsupported.h"
#include "server/version.h"
#include "workspace/migrations.h"
#include "workspace/query_service.h"
#include "workspace/workspace_service.h"

namespace garrison::server {
namespace {

constexpr std::string_view kDeleteWorkspaceJob = "workspace.delete";
constexpr Timespan kEnginePatience{30 * kTicksPerSecond};
const WorkspaceId kFirstWorkspace("main");

// "127.0.0.1:8480" or "[::1]:8480"
Result<net::Listener> parse_listener(std::string_view text) {
  const auto colon = text.rfind(':');
  net::Listener listener;
  unsigned port = 0;
  const Error wrong = bad_input("SERVER-0001", fmt::format("'{}' is not an address and port such as 127.0.0.1:8480", text));
  if (colon == std::string_view::npos || colon == 0) return wrong;
  const std::string_view number = text.substr(colon + 1);
  const auto [end, code] = std::from_chars(number.data(), number.data() + number.size(), port);
  if (code != std::errc() || end != number.data() + number.size() || port > 65'535) return wrong;
  std::string_view address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  listener.address = address;
  listener.port = static_cast<std::uint16_t>(port);
  return listener;
}

// Replays of many rules are the long work there is: two at a time, so that neither people nor slots wait for them.
jobs::SchedulerOptions lanes() {
  jobs::SchedulerOptions options;
  options.lanes = {{"realtime", 2}, {"normal", 2}, {"long", 2}};
  return options;
}

std::string shown_address(const net::Listener& listener, std::uint16_t port, std::string_view scheme) {
  const bool is_v6 = listener.address.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", scheme, is_v6 ? "[" : "", listener.address, is_v6 ? "]" : "", port);
}

}  // namespace

// The parts in the order in which they need each other; destroyed in the reverse.
class Server::Impl {
 public:
  Impl(const ServerOptions& options, Disk& disk, const Clock& clock, Random& random)
      : options_(options), disk_(disk), clock_(clock), random_(random), started_(clock.now()) {}

  Result<void> start() {
    GARRISON_TRY(open_folder());
    GARRISON_TRY(open_state());
    GARRISON_TRY(open_engine());
    GARRISON_TRY(open_tables());
    GARRISON_TRY(open_detection());
    GARRISON_TRY(first_start());
    GARRISON_TRY(install_content());
    GARRISON_TRY(serve());
    return scheduler_->start();
  }

  void stop() {
    if (live_) live_->close();
    if (http_) http_->stop();
    if (scheduler_) scheduler_->stop();
    if (pump_) pump_->stop();
    if (certificate_check_) certificate_check_->stop();
    if (writer_) writer_->stop();
    if (supervisor_) supervisor_->stop();
  }

  const ServerOptions& options() const { return options_; }
  std::string address() const { return shown_address(listeners_[0], http_->port(0), "http"); }
  std::string tls_address() const { return options_.tls_listen.empty() ? "" : shown_address(listeners_[2], http_->port(2), "https"); }
  const std::optional<FirstAdmin>& first_admin() const { return first_admin_; }

 private:
  std::string path(std::string_view name) const { return options_.data_folder + "/" + std::string(name); }

  Result<void> open_folder() {
    GARRISON_TRY(disk_.make_folder(options_.data_folder));
    for (const char* name : {"run", "state", "ingest", "engine", "tls"}) GARRISON_TRY(disk_.make_folder(path(name)));
    GARRISON_ASSIGN(lock_, disk_.lock(path("run/lock")));
    return {};
  }

  Result<void> open_state() {
    const std::vector<state::MigrationSet> sets = {jobs::migrations(), identity::migrations(), workspace::migrations(), detect::migrations(),
                                                   incident::migrations()};
    GARRISON_ASSIGN(store_, state::Store::open(path("state/garrison.db"), {}, sets, clock_));
    outbox_ = std::make_unique<state::Outbox>(*store_, clock_);
    scheduler_ = std::make_unique<jobs::Scheduler>(*store_, clock_, random_, lanes());
    GARRISON_ASSIGN(identity_, identity::Identity::open(*store_, *outbox_, clock_, random_));
    return {};
  }

  Result<void> open_engine() {
    engine::SupervisorOptions child;
    child.program = options_.engine_program;
    child.path = path("engine");
    child.socket = path("run/engine/engine.sock");
    GARRISON_TRY(disk_.make_folder(path("run/engine")));
    child.max_memory_bytes = options_.engine_memory_bytes;
    child.library = options_.engine_library;
    GARRISON_ASSIGN(supervisor_, engine::EngineSupervisor::start(child, clock_));
    GARRISON_TRY(supervisor_->await_ready(kEnginePatience));
    engine::HttpEngineOptions http;
    http.unix_socket = child.socket;
    engine_ = std::make_unique<engine::HttpEngine>(http, clock_, random_);
    GARRISON_ASSIGN(engine_version_, engine_->version());
    return {};
  }

  Result<void> open_tables() {
    GARRISON_ASSIGN(built_in_, table::BuiltInTables::open(disk_, options_.content_folder + "/tables"));
    tables_ = std::make_unique<workspace::TableStore>(*engine_, *store_, *built_in_);
    GARRISON_TRY(tables_->load());
    functions_ = std::make_unique<workspace::SavedFunctions>(*store_);
    GARRISON_TRY(functions_->load());
    workspaces_ = std::make_unique<workspace::WorkspaceService>(*store_, *tables_, *functions_, clock_);
    queries_ = std::make_unique<workspace::QueryService>(*engine_, *tables_, *functions_, clock_, random_);
    GARRISON_ASSIGN(ingest_log_, ingest::IngestLog::open(disk_, path("ingest/log.db"), {}, random_, clock_));
    GARRISON_ASSIGN(const auto rejects, built_in_->find("GarrisonRejects"));
    writer_ = std::make_unique<ingest::TableWriter>(*ingest_log_, *tables_, rejects, clock_);
    GARRISON_TRY(writer_->start());
    sources_ = std::make_unique<ingest::SourceCounters>(clock_);
    receiver_ = std::make_unique<ingest::Receiver>(*ingest_log_, *tables_, *sources_, clock_);
    return {};
  }

  Result<void> open_detection() {
    live_ = std::make_unique<api::LiveEvents>();
    adapter_ = std::make_unique<QueryAdapter>(*queries_);
    intake_ = std::make_unique<incident::AlertIntake>(*outbox_, clock_, random_);
    sink_ = std::make_unique<IncidentSink>(*intake_);
    incidents_ = std::make_unique<incident::IncidentService>(*store_, *outbox_, clock_);
    rules_ = std::make_unique<detect::RuleService>(detect::RuleService::Parts{*store_, *outbox_, *scheduler_, *adapter_, *sink_, clock_});
    GARRISON_TRY(rules_->register_jobs());
    jobs::JobKind removal;
    removal.name = kDeleteWorkspaceJob;
    removal.lane = "long";
    removal.handler = [this](jobs::JobContext& context) { return workspaces_->remove(WorkspaceId(context.job().key)); };
    GARRISON_TRY(scheduler_->register_kind(std::move(removal)));
    workspaces_->add_remove_hook([this](const WorkspaceId& id) -> Result<void> {
      GARRISON_TRY(store_->write([&](state::Transaction& transaction) -> Result<void> {
        GARRISON_TRY(rules_->remove_all(transaction, id));
        GARRISON_TRY(incidents_->remove_all(transaction, id));
        GARRISON_TRY(scheduler_->remove_workspace(transaction, id));
        return identity_->users.remove_workspace(transaction, id);
      }));
      writer_->remove_workspace(id);
      sources_->remove_workspace(id);
      return ingest_log_->remove_workspace(id);
    });
    GARRISON_TRY(workspaces_->resume_removals());
    table_projection_ = std::make_unique<TableProjection>(*tables_, clock_);
    GARRISON_TRY(outbox_->register_projection(table_projection_->projection()));
    GARRISON_TRY(outbox_->register_projection(live_projection(*live_)));
    pump_ = std::make_unique<Background>(std::chrono::milliseconds(1'000), [this] { pump(); });
    outbox_->set_listener([this] { pump_->wake(); });
    tables_->set_listener([this](const WorkspaceId& id, const std::string&) { changed_catalogue(id); });
    return {};
  }

  void pump() {
    const auto report = outbox_->pump();
    if (!report.ok()) log::error("outbox: {}", report.error().to_string());
    else if (report->last_error) log::warning("outbox: {}", report->last_error->to_string());
    std::set<WorkspaceId> changed;
    {
      const Lock lock(changed_mutex_);
      changed.swap(changed_workspaces_);
    }
    for (const WorkspaceId& id : changed) {
      if (auto retried = rules_->retry_waiting(id); !retried.ok()) log::warning("rules of '{}': {}", id.value, retried.error().to_string());
    }
  }

  // Called while a table is made: the rules that wait for it are bound again a moment later, on the pump's thread.
  void changed_catalogue(const WorkspaceId& id) {
    {
      const Lock lock(changed_mutex_);
      changed_workspaces_.insert(id);
    }
    pump_->wake();
  }

  Result<void> first_start() {
    GARRISON_ASSIGN(const auto workspaces, workspaces_->list());
    if (workspaces.empty()) GARRISON_TRY(workspaces_->create(kFirstWorkspace, "Main"));
    GARRISON_ASSIGN(const std::int64_t num_users, identity_->users.count());
    if (num_users > 0) return {};
    FirstAdmin admin{"admin", Secret()};
    GARRISON_ASSIGN(admin.password, identity_->users.create_first_admin(admin.name));
    GARRISON_ASSIGN(const auto user, identity_->users.find(admin.name));
    GARRISON_TRY(identity_->users.set_role(identity::Principal::system(), user->id, kFirstWorkspace, identity::Role::kOwner));
    first_admin_ = std::move(admin);
    return {};
  }

  Result<void> install_content() {
    GARRISON_ASSIGN(unsupported_, unsupported_parts(disk_, options_.content_folder));
    if (!options_.has_shipped_rules) return {};
    GARRISON_ASSIGN(const auto workspaces, workspaces_->list());
    for (const auto& each : workspaces) {
      GARRISON_ASSIGN(const InstallReport report, install_rules(disk_, options_.content_folder + "/rules", *rules_, each.id));
      if (report.num_installed > 0) log::info("workspace '{}': {} shipped rules installed", each.id.value, report.num_installed);
    }
    return {};
  }

  // Names of the query language only, for the editor.
  std::vector<std::string> unsupported_names() const {
    std::vector<std::string> names;
    for (const api::UnsupportedPart& part : unsupported_) {
      if (part.kind.starts_with("KQL")) names.push_back(part.name);
    }
    return names;
  }

  api::EngineStatus engine_status() const {
    const engine::EngineSupervisor::Health health = supervisor_->health();
    api::EngineStatus status;
    const bool ready = health.state == engine::EngineSupervisor::State::kReady;
    status.state = ready ? "running" : health.state == engine::EngineSupervisor::State::kStopped ? "down" : "starting";
    status.mode = "child";
    status.version = engine_version_;
    status.restarts = static_cast<std::int64_t>(health.num_restarts);
    if (!ready) status.message = health.last_words;
    return status;
  }

  api::Routes routes() {
    api::Routes all;
    const auto add = [&](api::Routes some) { std::move(some.begin(), some.end(), std::back_inserter(all)); };
    add(api::session_routes({identity_->sessions, identity_->users, *workspaces_}));
    api::AccessRouteParts access{identity_->users, identity_->tokens, *workspaces_, *scheduler_, clock_, {}, {}};
    access.delete_workspace = [this](const WorkspaceId& id) {
      jobs::NewJob job;
      job.kind = kDeleteWorkspaceJob;
      job.key = id.value;
      job.due = clock_.now();
      auto scheduled = scheduler_->schedule(job);
      scheduler_->wake();
      return scheduled;
    };
    access.workspace_created = [this](const WorkspaceId& id) -> Result<void> {
      if (!options_.has_shipped_rules) return {};
      GARRISON_TRY(install_rules(disk_, options_.content_folder + "/rules", *rules_, id));
      return {};
    };
    add(api::access_routes(access));
    api::ServerRouteParts server{*scheduler_, identity_->audit, clock_, std::string(kVersion), started_, {}, {}, {}};
    server.engine = [this] { return engine_status(); };
    server.is_healthy = [this] {
      return supervisor_->health().state == engine::EngineSupervisor::State::kReady && !store_->last_failure();
    };
    server.unsupported = [this] { return unsupported_; };
    add(api::server_routes(server));
    add(api::live_routes(*live_));
    add(api::query_routes({*queries_, *tables_, *functions_, *engine_, clock_, unsupported_names()}));
    add(api::incident_routes(*incidents_, identity_->users, clock_));
    add(api::rule_routes({*rules_, *adapter_, *incidents_, *scheduler_, clock_}));
    add(api::ingest_routes({*receiver_, *ingest_log_, *writer_, *workspaces_, clock_}));
    add(api::overview_routes({*incidents_, *rules_, *receiver_, *writer_, *queries_, *tables_, *functions_, clock_, [this] { return engine_status(); }}));
    api::add_route_list(all);
    return all;
  }

  Result<void> serve() {
    if (!options_.portal_folder.empty()) {
      auto portal = api::PortalFiles::load(disk_, options_.portal_folder);
      if (portal.ok()) portal_ = std::move(*portal);
      else log::warning("{}; the portal's pages are not served", portal.error().to_string());
    }
    GARRISON_ASSIGN(application_, api::Application::build({identity_->sessions, identity_->tokens, identity_->audit, random_, portal_.get()}, routes()));
    net::HttpServerOptions http;
    GARRISON_ASSIGN(net::Listener tcp, parse_listener(options_.listen));
    listeners_.push_back(std::move(tcp));
    net::Listener local;
    local.unix_path = socket_path(options_.data_folder);
    listeners_.push_back(std::move(local));
    if (!options_.tls_listen.empty()) GARRISON_TRY(add_tls_listener());
    http.listeners = listeners_;
    http.body_policy = [](const net::RequestHead& head) {
      net::BodyPolicy policy;
      if (head.path.starts_with("/dataCollectionRules/")) policy.max_bytes = 64 << 20;
      return policy;
    };
    GARRISON_ASSIGN(http_, net::HttpServer::start(http, [this](net::Request& request) { return application_->handle(request); }, random_));
    return {};
  }

  Result<void> add_tls_listener() {
    GARRISON_ASSIGN(net::Listener listener, parse_listener(options_.tls_listen));
    certificates_ = std::make_unique<net::CertificateStore>(disk_, clock_, random_, path("tls"));
    GARRISON_ASSIGN(listener.tls, tls_options());
    listeners_.push_back(std::move(listener));
    certificate_check_ = std::make_unique<Background>(std::chrono::hours(24), [this] {
      const auto fresh = tls_options();
      if (!fresh.ok()) log::error("server certificate: {}", fresh.error().to_string());
      else if (http_) {
        if (auto replaced = http_->replace_tls(*fresh); !replaced.ok()) log::error("server certificate: {}", replaced.error().to_string());
      }
    });
    return {};
  }

  Result<net::TlsServerOptions> tls_options() {
    GARRISON_ASSIGN(const auto certificate, certificates_->server_certificate(options_.tls_names));
    net::TlsServerOptions tls;
    tls.certificate_pem = certificate.certificate_pem;
    tls.key_pem = certificate.key_pem;
    return tls;
  }

  const ServerOptions options_;
  Disk& disk_;
  const Clock& clock_;
  Random& random_;
  const DateTime started_;
  std::optional<FirstAdmin> first_admin_;
  std::string engine_version_;
  std::vector<api::UnsupportedPart> unsupported_;

  std::shared_ptr<void> lock_;  // of the data folder; the disk's handle
  std::unique_ptr<state::Store> store_;
  std::unique_ptr<state::Outbox> outbox_;
  std::unique_ptr<jobs::Scheduler> scheduler_;
  std::unique_ptr<identity::Identity> identity_;
  std::unique_ptr<engine::EngineSupervisor> supervisor_;
  std::unique_ptr<engine::HttpEngine> engine_;
  std::unique_ptr<table::BuiltInTables> built_in_;
  std::unique_ptr<workspace::TableStore> tables_;
  std::unique_ptr<workspace::SavedFunctions> functions_;
  std::unique_ptr<workspace::WorkspaceService> workspaces_;
  std::unique_ptr<workspace::QueryService> queries_;
  std::unique_ptr<ingest::IngestLog> ingest_log_;
  std::unique_ptr<ingest::TableWriter> writer_;
  std::unique_ptr<ingest::SourceCounters> sources_;
  std::unique_ptr<ingest::Receiver> receiver_;
  std::unique_ptr<api::LiveEvents> live_;
  std::unique_ptr<QueryAdapter> adapter_;
  std::unique_ptr<incident::AlertIntake> intake_;
  std::unique_ptr<IncidentSink> sink_;
  std::unique_ptr<incident::IncidentService> incidents_;
  std::unique_ptr<detect::RuleService> rules_;
  std::unique_ptr<TableProjection> table_projection_;
  Mutex changed_mutex_;
  std::set<WorkspaceId> changed_workspaces_ GARRISON_GUARDED_BY(changed_mutex_);
  std::unique_ptr<Background> pump_;
  std::unique_ptr<api::PortalFiles> portal_;
  std::unique_ptr<api::Application> application_;
  std::vector<net::Listener> listeners_;
  std::unique_ptr<net::CertificateStore> certificates_;
  std::unique_ptr<net::HttpServer> http_;
  std::unique_ptr<Background> certificate_check_;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() { stop(); }

Result<std::unique_ptr<Server>> Server::start(const ServerOptions& options, Disk& disk, const Clock& clock, Random& random) {
  auto impl = std::make_unique<Impl>(options, disk, clock, random);
  if (auto started = impl->start(); !started.ok()) {
    impl->stop();
    return started.error();
  }
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

void Server::stop() { impl_->stop(); }
std::string Server::address() const { return impl_->address(); }
std::string Server::tls_address() const { return impl_->tls_address(); }
const std::optional<FirstAdmin>& Server::first_admin() const { return impl_->first_admin(); }

}  // namespace garrison::server
