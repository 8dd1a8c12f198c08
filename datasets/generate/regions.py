"""The 34 provincial units with cities, districts and postcodes.

Weights follow where online buyers live (population times e-commerce use), in rough proportion.
Tables carry the short names of platform reports; addresses the full ones of parcel labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from .draws import Draws, Weighted


@dataclass(frozen=True)
class City:
    province: str
    province_full: str
    name: str
    full: str
    postcode: str
    districts: tuple[str, ...]
    remote: bool


# province | full name | weight; then one line per city: name full postcode districts
_TABLE = """
北京|北京|5.2
 北京 北京市 100000 朝阳区 海淀区 西城区 东城区 丰台区 通州区 昌平区
天津|天津|1.5
 天津 天津市 300000 和平区 南开区 河西区 滨海新区 河东区
河北|河北省|3.6
 石家庄 石家庄市 050000 长安区 裕华区 桥西区
 唐山 唐山市 063000 路北区 路南区 丰润区
 保定 保定市 071000 竞秀区 莲池区 其它区
 廊坊 廊坊市 065000 广阳区 安次区 三河市
山西|山西省|1.7
 太原 太原市 030000 小店区 迎泽区 万柏林区
 大同 大同市 037000 平城区 云冈区
 长治 长治市 046000 潞州区 上党区
内蒙古|内蒙古自治区|1.1
 呼和浩特 呼和浩特市 010000 赛罕区 新城区 回民区
 包头 包头市 014000 昆都仑区 青山区
 赤峰 赤峰市 024000 红山区 松山区
辽宁|辽宁省|2.9
 沈阳 沈阳市 110000 和平区 沈河区 铁西区 浑南区
 大连 大连市 116000 中山区 沙河口区 甘井子区
 鞍山 鞍山市 114000 铁东区 立山区
吉林|吉林省|1.4
 长春 长春市 130000 朝阳区 南关区 绿园区
 吉林 吉林市 132000 船营区 昌邑区
黑龙江|黑龙江省|1.7
 哈尔滨 哈尔滨市 150000 南岗区 道里区 香坊区
 大庆 大庆市 163000 萨尔图区 让胡路区
 齐齐哈尔 齐齐哈尔市 161000 龙沙区 建华区
上海|上海|6.4
 上海 上海市 200000 浦东新区 徐汇区 闵行区 静安区 杨浦区 松江区 宝山区
江苏|江苏省|9.4
 南京 南京市 210000 鼓楼区 玄武区 江宁区 建邺区
 苏州 苏州市 215000 姑苏区 吴中区 昆山市 虎丘区
 无锡 无锡市 214000 滨湖区 梁溪区 江阴市
 常州 常州市 213000 天宁区 新北区 武进区
 南通 南通市 226000 崇川区 通州区 海安市
 徐州 徐州市 221000 云龙区 鼓楼区 泉山区
浙江|浙江省|9.6
 杭州 杭州市 310000 西湖区 余杭区 滨江区 上城区 拱墅区
 宁波 宁波市 315000 鄞州区 海曙区 江北区
 温州 温州市 325000 鹿城区 瓯海区 瑞安市
 金华 金华市 321000 婺城区 义乌市 东阳市
 绍兴 绍兴市 312000 越城区 柯桥区 诸暨市
 嘉兴 嘉兴市 314000 南湖区 秀洲区 桐乡市
安徽|安徽省|3.4
 合肥 合肥市 230000 蜀山区 包河区 庐阳区
 芜湖 芜湖市 241000 镜湖区 鸠江区
 阜阳 阜阳市 236000 颍州区 颍泉区 其它区
福建|福建省|4.3
 福州 福州市 350000 鼓楼区 仓山区 晋安区
 厦门 厦门市 361000 思明区 湖里区 集美区
 泉州 泉州市 362000 丰泽区 晋江市 石狮市
 漳州 漳州市 363000 芗城区 龙文区
江西|江西省|2.4
 南昌 南昌市 330000 东湖区 红谷滩区 青山湖区
 九江 九江市 332000 浔阳区 濂溪区
 景德镇 景德镇市 333000 珠山区 昌江区
 赣州 赣州市 341000 章贡区 南康区
山东|山东省|6.2
 济南 济南市 250000 历下区 市中区 槐荫区
 青岛 青岛市 266000 市南区 崂山区 黄岛区
 烟台 烟台市 264000 芝罘区 莱山区
 潍坊 潍坊市 261000 奎文区 潍城区 寿光市
 临沂 临沂市 276000 兰山区 罗庄区
河南|河南省|5.1
 郑州 郑州市 450000 金水区 中原区 二七区 管城回族区
 洛阳 洛阳市 471000 洛龙区 西工区
 南阳 南阳市 473000 卧龙区 宛城区
 新乡 新乡市 453000 红旗区 牧野区 其它区
湖北|湖北省|4.2
 武汉 武汉市 430000 武昌区 江汉区 洪山区 汉阳区
 宜昌 宜昌市 443000 西陵区 伍家岗区
 襄阳 襄阳市 441000 襄城区 樊城区
湖南|湖南省|3.9
 长沙 长沙市 410000 岳麓区 雨花区 开福区 天心区
 株洲 株洲市 412000 天元区 芦淞区
 衡阳 衡阳市 421000 蒸湘区 雁峰区
 岳阳 岳阳市 414000 岳阳楼区 云溪区
广东|广东省|12.8
 广州 广州市 510000 天河区 越秀区 海珠区 番禺区 白云区
 深圳 深圳市 518000 南山区 福田区 宝安区 龙岗区
 佛山 佛山市 528000 禅城区 南海区 顺德区
 东莞 东莞市 523000 南城街道 东城街道 虎门镇
 珠海 珠海市 519000 香洲区 斗门区
 汕头 汕头市 515000 龙湖区 金平区
 惠州 惠州市 516000 惠城区 惠阳区
广西|广西壮族自治区|2.4
 南宁 南宁市 530000 青秀区 西乡塘区 兴宁区
 柳州 柳州市 545000 城中区 鱼峰区
 桂林 桂林市 541000 七星区 秀峰区
海南|海南省|0.8
 海口 海口市 570000 龙华区 美兰区
 三亚 三亚市 572000 吉阳区 天涯区
重庆|重庆|2.7
 重庆 重庆市 400000 渝中区 江北区 沙坪坝区 渝北区 九龙坡区
四川|四川省|5.0
 成都 成都市 610000 武侯区 锦江区 青羊区 高新区 金牛区
 绵阳 绵阳市 621000 涪城区 游仙区
 德阳 德阳市 618000 旌阳区 广汉市
 南充 南充市 637000 顺庆区 高坪区
贵州|贵州省|1.6
 贵阳 贵阳市 550000 南明区 云岩区 观山湖区
 遵义 遵义市 563000 红花岗区 汇川区
云南|云南省|1.9
 昆明 昆明市 650000 五华区 盘龙区 官渡区
 大理 大理白族自治州 671000 大理市 祥云县
 普洱 普洱市 665000 思茅区 宁洱哈尼族彝族自治县
西藏|西藏自治区|0.2
 拉萨 拉萨市 850000 城关区 堆龙德庆区
 林芝 林芝市 860000 巴宜区
陕西|陕西省|2.8
 西安 西安市 710000 雁塔区 碑林区 未央区 莲湖区
 咸阳 咸阳市 712000 秦都区 渭城区
 宝鸡 宝鸡市 721000 金台区 渭滨区
甘肃|甘肃省|0.9
 兰州 兰州市 730000 城关区 七里河区
 天水 天水市 741000 秦州区 麦积区
青海|青海省|0.3
 西宁 西宁市 810000 城西区 城中区
宁夏|宁夏回族自治区|0.4
 银川 银川市 750000 兴庆区 金凤区
新疆|新疆维吾尔自治区|1.0
 乌鲁木齐 乌鲁木齐市 830000 天山区 沙依巴克区
 伊犁 伊犁哈萨克自治州 835000 伊宁市 霍城县
台湾|台湾省|0.25
 台北 台北市 000000 大安区 中正区
 高雄 高雄市 000000 苓雅区 左营区
香港|香港特别行政区|0.35
 香港岛 香港岛 000000 中西区 湾仔区
 九龙 九龙 000000 油尖旺区 观塘区
澳门|澳门特别行政区|0.2
 澳门半岛 澳门半岛 000000 花地玛堂区 大堂区
"""
_REMOTE = frozenset(("内蒙古", "西藏", "青海", "宁夏", "新疆", "甘肃", "台湾", "香港", "澳门"))
_ROADS = tuple(
    "人民路 解放路 中山路 建设路 文化路 和平路 胜利街 新华街 长江路 黄河路 学府路 湖滨路 "
    "环城东路 青年路 幸福路 公园路 友谊大街 滨河路 科技路 锦绣路".split()
)
_ESTATES = tuple("阳光花园 锦绣家园 书香苑 翠湖小区 金桂园 和谐家园 御景城 春晓苑 水岸名都".split())


@cache
def provinces() -> dict[str, list[City]]:
    """Short name → its cities, in the order of the administrative code."""
    out: dict[str, list[City]] = {}
    short = full = ""
    for line in _TABLE.strip("\n").splitlines():
        if not line.startswith(" "):
            short, full, _ = line.split("|")
            out[short] = []
        else:
            name, city, postcode, *districts = line.split()
            remote = short in _REMOTE
            out[short].append(City(short, full, name, city, postcode, tuple(districts), remote))
    return out


@cache
def weights() -> dict[str, float]:
    heads = (line.split("|") for line in _TABLE.splitlines() if "|" in line)
    return {short: float(weight) for short, _, weight in heads}


def city(draws: Draws, favoured: dict[str, float] | None = None) -> City:
    """A city; `favoured` multiplies the weight of some provinces. The first cities are larger."""
    table = weights()
    if favoured:
        table = {name: weight * favoured.get(name, 1.0) for name, weight in table.items()}
    cities = provinces()[draws.weighted(Weighted(table))]
    return draws.weighted(Weighted((c, 1.0 / (rank + 1)) for rank, c in enumerate(cities)))


def street(draws: Draws, place: City) -> tuple[str, str]:
    """A district of the city and a made-up street address in it."""
    where = f"{draws.pick(_ROADS)}{draws.integer(1, 399)}号"
    kind = draws.integer(0, 2)
    if kind == 0:
        where += f"{draws.pick(_ESTATES)}{draws.integer(1, 30)}栋{draws.integer(1, 28)}0{draws.integer(1, 6)}室"
    elif kind == 1:
        where += f"{draws.pick(_ESTATES)}{draws.integer(1, 12)}号楼{draws.integer(1, 5)}单元{draws.integer(101, 1804)}"
    else:
        where += f"{draws.pick('ABCDE')}座{draws.integer(2, 26)}层"
    return draws.pick(place.districts), where


def address(draws: Draws, place: City) -> str:
    """One cell as on the platform: 省 市 区 街道(邮编)."""
    district, where = street(draws, place)
    return f"{place.province_full} {place.full} {district} {where}({place.postcode})"
