"""一个案件从检查通知到复查、送达，全部通过接口办理。只用 Python 标准库。

用法：python docs/api-case.py http://127.0.0.1:8000 案件.json 令牌.json 输出文件夹
案件.json 是若干步骤的列表，一步一件文书，依次为：
  {"form": "T14", "data": {…}, "from": 据以制作的步骤序号（从 0 起，可省略）, "serve": {送达情况，可省略}}
令牌.json：{"staff": "…", "reviewer": "…", "approver": "…"}，由 formsvc token add 发放。
"""

import json
import sys
import uuid
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

server, case_file, token_file, folder = sys.argv[1:5]
steps = json.loads(Path(case_file).read_text(encoding="utf-8"))
tokens = json.loads(Path(token_file).read_text(encoding="utf-8"))


def call_api(role, method, path, body=None):
    """以某人的身份请求一次；修改类的请求带幂等键，可以放心重发。差错说明白后停止。"""
    headers = {"Authorization": f"Bearer {tokens[role]}", "Content-Type": "application/json"}
    if method == "POST":
        headers["Idempotency-Key"] = str(uuid.uuid4())
    payload = None if body is None else json.dumps(body, ensure_ascii=False).encode()
    try:
        with urlopen(Request(f"{server}/api/v1{path}", payload, headers, method=method)) as response:
            content = response.read()
            is_json = response.headers.get_content_type() == "application/json"
            return json.loads(content) if is_json else content
    except HTTPError as error:
        problem = json.load(error)
        faults = [f"［{e['field']}］{e['message']}" for e in problem["errors"]]
        sys.exit("\n".join([problem["detail"], *faults]))


acts = []
for step in steps:
    source = {"source": acts[step["from"]]["id"]} if "from" in step else {}
    act = call_api(
        "staff", "POST", "/acts", {"form": step["form"], "data": step["data"], "submit": True, **source}
    )
    if act["state"] == "submitted":
        act = call_api("reviewer", "POST", f"/acts/{act['id']}/review", {"decision": "pass"})
    if act["state"] == "reviewed":  # 送达回证不经签发
        call_api("approver", "POST", f"/acts/{act['id']}/approve", {"decision": "approve"})
    act = call_api("approver", "POST", f"/acts/{act['id']}/issue")
    for kind in ("pdf", "docx"):
        name = f"{len(acts) + 1}_{act['title']}_{act['number']}.{kind}"
        (Path(folder) / name).write_bytes(call_api("staff", "GET", f"/acts/{act['id']}/document.{kind}"))
    if "serve" in step:
        act = call_api("staff", "POST", f"/acts/{act['id']}/serve", step["serve"])
    acts.append(act)
    print(act["title"], act["number"] or "（不编号）", act["state_name"])

for next_step in call_api("staff", "GET", f"/cases/{acts[-1]['id']}")["next_steps"]:
    due = f"，最迟 {next_step['deadline']['due']}" if next_step["deadline"] else ""
    print(f"接下来：{next_step['title']}{due}（{next_step['why']}）")
